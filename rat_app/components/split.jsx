// Two panes, one above the other, and a bar between them that is dragged or moved with the arrow keys. Where it stood is remembered.
import { Children, useEffect, useRef, useState } from "react";
import "./split.css";

const LEAST = 15, MOST = 85, STEP = 4; // percent
const within = (value) => Math.min(MOST, Math.max(LEAST, value));

export function Split({ storageKey, start = 60, label, children }) {
  const box = useRef(null);
  const [share, setShare] = useState(start);
  const [first, second] = Children.toArray(children);
  useEffect(() => {
    const kept = Number(localStorage.getItem(storageKey));
    if (kept) setShare(within(kept));
  }, [storageKey]);
  const move = (value) => {
    setShare(within(value));
    try { localStorage.setItem(storageKey, String(within(value))); } catch { /* Storage is full or forbidden: then it is not remembered. */ }
  };
  const drag = (event) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const { top, height } = box.current.getBoundingClientRect();
    move(((event.clientY - top) / height) * 100);
  };
  const keyed = (event) => {
    const value = { ArrowUp: share - STEP, ArrowDown: share + STEP, Home: LEAST, End: MOST }[event.key];
    if (value === undefined) return;
    event.preventDefault();
    move(value);
  };
  return (
    <div ref={box} className="split" style={{ "--share": `${share}%` }}>
      <div className="split-pane split-first">{first}</div>
      <div role="separator" aria-label={label} aria-orientation="horizontal" aria-valuenow={Math.round(share)} aria-valuemin={LEAST} aria-valuemax={MOST} tabIndex={0}
        className="split-bar" onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)} onPointerMove={drag} onKeyDown={keyed} />
      <div className="split-pane split-second">{second}</div>
    </div>
  );
}
