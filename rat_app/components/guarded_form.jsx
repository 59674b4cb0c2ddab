// A form that marks what is unsaved, guards it, and never lets what comes from elsewhere overwrite what is typed.
import { useEffect, useRef, useState } from "react";
import { useBlocker } from "react-router";

export function GuardedForm({ label, revision, onSave, children }) {
  const [dirty, setDirty] = useState(false), [base, setBase] = useState(revision), leave = useRef(null);
  // What is shown follows the server as long as nothing is typed.
  useEffect(() => { if (!dirty) setBase(revision); }, [revision, dirty]);
  useEffect(() => {
    if (!dirty) return undefined;
    const ask = (event) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [dirty]);
  const blocker = useBlocker(({ currentLocation, nextLocation }) => dirty && currentLocation.pathname !== nextLocation.pathname);
  useEffect(() => {
    if (blocker.state !== "blocked") leave.current?.close();
    else leave.current?.showModal();
  }, [blocker.state]);
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
      <dialog ref={leave} className="dialog" aria-label="Leave without saving?" onCancel={() => blocker.reset?.()}>
        <div className="dialog-body">
          <h2>Leave without saving?</h2>
          <p>What you typed into the settings will be lost.</p>
          <div className="dialog-foot">
            <button type="button" className="button button-plain" onClick={() => blocker.reset?.()}>Stay</button>
            <button type="button" className="button button-danger" onClick={() => blocker.proceed?.()}>Leave</button>
          </div>
        </div>
      </dialog>
    </form>
  );
}
