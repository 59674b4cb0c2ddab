// A form that marks what is unsaved, guards it, and never lets what comes from elsewhere overwrite what is typed.
import { useEffect, useRef, useState } from "react";
import { LeaveGuard } from "./leave_guard.jsx";

export function GuardedForm({ label, revision, onSave, children }) {
  const [dirty, setDirty] = useState(false), [base, setBase] = useState(revision);
  // What is shown follows the server as long as nothing is typed.
  useEffect(() => { if (!dirty) setBase(revision); }, [revision, dirty]);
  // Saved: the server's revision moved on, and by our own hand.
  const sent = useRef(null);
  useEffect(() => { if (sent.current !== null && revision > sent.current) { sent.current = null; setDirty(false); } }, [revision]);
  const submit = (event) => {
    event.preventDefault();
    sent.current = base;
    onSave(Object.fromEntries(new FormData(event.target)), base);
  };
  const discard = () => { sent.current = null; setDirty(false); setBase(revision); };
  const overtaken = dirty && revision > base;
  return (
    <form className="stack" aria-label={label} onSubmit={submit} onInput={() => setDirty(true)}>
      <div key={dirty ? base : revision} className="stack">{children}</div>
      {overtaken && <p role="status" className="work-strip work-strip-warn">The draft was saved elsewhere. Your text here was not touched; discard it to see what is saved.</p>}
      <div className="row">
        <button type="submit" className="button button-primary" disabled={!dirty}>Save to the draft</button>
        <button type="button" className="button button-plain" disabled={!dirty} onClick={discard}>Discard</button>
        {dirty && <span className="tag tag-changed">● unsaved</span>}
      </div>
      <LeaveGuard dirty={dirty} lost="What you typed into the settings" />
    </form>
  );
}
