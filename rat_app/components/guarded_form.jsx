// A form that marks what is unsaved, guards it, and never lets what comes from elsewhere overwrite what is typed.
import { useEffect, useRef, useState } from "react";
import { keep, typed } from "./kept.js";
import { LeaveGuard } from "./leave_guard.jsx";

const valuesOf = (form) => JSON.stringify([...new FormData(form)]);

export function GuardedForm({ label, revision, saved, onSave, children }) {
  const key = `${window.location.pathname} ${label}`, [kept] = useState(() => typed(key));
  const form = useRef(null), filled = useRef(""), left = useRef(kept?.values ?? []), seen = useRef(saved);
  const [dirty, setDirty] = useState(Boolean(kept)), [base, setBase] = useState(kept?.base ?? revision), [thrown, setThrown] = useState(0);
  const mark = (values) => {
    keep(key, values && { base, values });
    setDirty(Boolean(values));
  };
  // What is shown follows the server as long as nothing is typed.
  useEffect(() => { if (!dirty) setBase(revision); }, [revision, dirty]);
  // Saved by our own hand, also where the server found nothing to change.
  useEffect(() => { if (saved !== seen.current) { seen.current = saved; mark(null); } }, [saved]);
  const shown = `${dirty ? base : revision} ${saved} ${thrown}`;
  useEffect(() => {
    filled.current = valuesOf(form.current);
    // What was typed before the page was loaded anew.
    for (const [name, value] of left.current) if (form.current.elements[name]) form.current.elements[name].value = value;
    left.current = [];
  }, [shown]);
  const submit = (event) => {
    event.preventDefault();
    onSave(Object.fromEntries(new FormData(event.target)), base);
  };
  const discard = () => { mark(null); setThrown(thrown + 1); };
  const overtaken = dirty && revision > base;
  return (
    <form ref={form} className="stack" aria-label={label} onSubmit={submit} onInput={() => mark(valuesOf(form.current) === filled.current ? null : [...new FormData(form.current)])}>
      <div key={shown} className="stack">{children}</div>
      {overtaken && <p role="status" className="work-strip work-strip-warn">The draft was saved elsewhere. Your text here was not touched; discard it to see what is saved.</p>}
      <div className="row">
        <button type="submit" className="button button-primary" disabled={!dirty}>Save to the draft</button>
        <button type="button" className="button button-plain" disabled={!dirty} onClick={discard}>Discard</button>
        {dirty && <span className="tag tag-changed">● unsaved</span>}
      </div>
      <LeaveGuard dirty={dirty} lost="What you typed into the settings" onLeave={() => keep(key, null)} />
    </form>
  );
}
