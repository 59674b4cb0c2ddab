// Messages over the page. A success leaves after a while, unless it is pointed at or focused; a failure stays until it is dismissed.
import { useEffect, useState } from "react";
import { Link } from "react-router";

// Milliseconds. What can be undone stays long enough to be read, understood and reached with the keyboard.
const STAY = 6000, STAY_WITH_UNDO = 20000;

function Notice({ notice, onDismiss, onUndo }) {
  const [held, setHeld] = useState(false);
  const leaves = notice.tone === "success" && !held;
  useEffect(() => {
    if (!leaves) return undefined;
    const timer = setTimeout(() => onDismiss(notice.id), notice.undo ? STAY_WITH_UNDO : STAY);
    return () => clearTimeout(timer);
  }, [leaves, notice.id]);
  const hold = { onMouseEnter: () => setHeld(true), onMouseLeave: () => setHeld(false), onFocus: () => setHeld(true), onBlur: () => setHeld(false) };
  return (
    <div className={`notice notice-${notice.tone}`} role={notice.tone === "failure" ? "alert" : undefined} {...hold}>
      <div>
        <strong>{notice.title}</strong>
        {notice.message && <p className="prewrap">{notice.message}</p>}
        {notice.href && <Link className="link" to={notice.href}>{notice.action}</Link>}
        {notice.undo && <button type="button" className="button button-plain" aria-label={`${notice.undo}: ${notice.title}`} onClick={() => onUndo(notice.id)}>{notice.undo}</button>}
      </div>
      <button type="button" className="button button-icon" aria-label={`Dismiss: ${notice.title}`} onClick={() => onDismiss(notice.id)}>
        <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true"><path d="M4 4l8 8M12 4l-8 8" stroke="currentColor" strokeWidth="1.5" /></svg>
      </button>
    </div>
  );
}

export function Notices({ notices, onDismiss, onUndo }) {
  return (
    <section className="notices" aria-label="Messages" aria-live="polite">
      {(notices ?? []).map((notice) => <Notice key={notice.id} notice={notice} onDismiss={onDismiss} onUndo={onUndo} />)}
    </section>
  );
}
