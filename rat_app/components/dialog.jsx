// The browser's own modal dialog: it keeps the focus inside, closes on Escape and gives the focus back.
import { useEffect, useRef } from "react";

export function Dialog({ open, title, onClose, children }) {
  const box = useRef(null);
  useEffect(() => {
    if (open && !box.current.open) box.current.showModal();
    if (!open && box.current.open) box.current.close();
  }, [open]);
  // A click on the backdrop is a click on the dialog itself.
  const outside = (event) => { if (event.target === box.current) box.current.close(); };
  return (
    <dialog ref={box} className="dialog" aria-label={title} onClose={() => open && onClose?.()} onMouseDown={outside}>
      {open && <div className="dialog-body"><h2>{title}</h2>{children}</div>}
    </dialog>
  );
}
