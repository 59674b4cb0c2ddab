// Asks before a page with unsaved text is left: by the browser where the tab closes or loads anew, by our own dialog within the portal.
import { useEffect, useId, useRef } from "react";
import { useBlocker } from "react-router";

// Reflex loads a page anew that was built for another version of the server, unless this says that it did so lately; then it offers to.
const RELOADED = "reflex_last_reloaded_on_error";

export function LeaveGuard({ dirty, lost, onLeave }) {
  const dialog = useRef(null), heading = useId();
  useEffect(() => {
    if (!dirty) return undefined;
    const ask = (event) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    sessionStorage.setItem(RELOADED, String(Number.MAX_SAFE_INTEGER));
    return () => {
      window.removeEventListener("beforeunload", ask);
      sessionStorage.removeItem(RELOADED);
    };
  }, [dirty]);
  const blocker = useBlocker(({ currentLocation, nextLocation }) => dirty && currentLocation.pathname !== nextLocation.pathname);
  useEffect(() => {
    if (blocker.state !== "blocked") dialog.current.close();
    else if (dirty) dialog.current.showModal();
    else blocker.proceed(); // it was saved while the way was closed
  }, [blocker.state, dirty]);
  const leave = () => { onLeave?.(); blocker.proceed?.(); };
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby={heading} onCancel={() => blocker.reset?.()}>
      <div className="dialog-body">
        <h2 id={heading}>Leave without saving?</h2>
        <p>{lost} will be lost.</p>
        <div className="dialog-foot">
          <button type="button" className="button button-plain" autoFocus onClick={() => blocker.reset?.()}>Stay</button>
          <button type="button" className="button button-danger" onClick={leave}>Leave</button>
        </div>
      </div>
    </dialog>
  );
}
