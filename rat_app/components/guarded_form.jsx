// A form over texts of the server: what is typed is kept by this window, marked as unsaved, and never overwritten by what comes from elsewhere.
import { useEffect, useLayoutEffect, useRef } from "react";
import { LeaveGuard } from "./leave_guard.jsx";
import { useTexts } from "./texts.js";

// ``values`` are the server's, by the name of the field; none as long as they are not read.
export function GuardedForm({ label, subject, values, revision, saved, onSave, children }) {
  const form = useRef(null), { texts, type, send, drop, follow } = useTexts(subject, Object.keys(values).length ? values : null, revision, saved);
  useEffect(follow, [saved]); // also where the server found nothing to change: its spelling is shown
  const dirty = Object.keys(texts.changed()).length > 0;
  useLayoutEffect(() => {
    for (const field of form.current.elements) {
      const text = texts.text(field.name);
      if (text !== undefined && field.value !== text) field.value = text;
    }
  });
  const submit = (event) => {
    event.preventDefault();
    onSave(...send());
  };
  return (
    <form ref={form} className={texts.bases ? "stack" : "stack work-loading"} inert={!texts.bases} aria-label={label} onSubmit={submit} onInput={({ target }) => type(target.name, target.value)}>
      <div className="stack">{children}</div>
      <SavedElsewhere texts={texts} />
      <div className="row">
        <button type="submit" className="button button-primary" disabled={!dirty}>Save to the draft</button>
        <button type="button" className="button button-plain" disabled={!dirty} onClick={drop}>Discard</button>
        {dirty && <span className="tag tag-changed">● unsaved</span>}
      </div>
      <LeaveGuard dirty={dirty} lost="What you typed into the settings" onLeave={drop} />
    </form>
  );
}

export function SavedElsewhere({ texts }) {
  return texts.behind().length > 0 && <p role="status" className="work-strip work-strip-warn">Somebody changed the same meanwhile. Your text here was not touched; saving shows both.</p>;
}
