// What is written about a table, as a form: read over REST, so that long texts never live in state; only what changed is sent.
import { useEffect, useMemo, useState } from "react";
import { SavedElsewhere } from "../guarded_form/guarded_form.jsx";
import { LeaveGuard } from "../guarded_form/leave_guard.jsx";
import { useTexts } from "../guarded_form/texts.js";

const COLUMN = "column:";

async function read(url, missing) {
  const answer = await fetch(url);
  if (missing && answer.status === 404) return missing; // a table whose pipeline never ran
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error?.message || `HTTP ${answer.status}`);
  return body;
}

async function readDocs(url) {
  const [found, table] = await Promise.all([read(`${url}/metadata`), read(url, { columns: [] })]);
  const listed = table.columns.map(({ name, type }) => ({ name, type }));
  const further = Object.keys(found.columns).filter((name) => !listed.some((column) => column.name === name)).map((name) => ({ name, type: "not published" }));
  return { ...found, listed: [...listed, ...further] };
}

const basesOf = ({ description, owner, tags, columns, listed }) => ({
  description, owner, tags: tags.join(", "), ...Object.fromEntries(listed.map(({ name }) => [COLUMN + name, columns[name] ?? ""])),
});

const Field = ({ id, label, hint, children }) => (
  <div className="field">
    <label htmlFor={id} className="field-label">{label}</label>
    {children}
    {hint && <div id={`${id}-hint`} className="field-below field-hint">{hint}</div>}
  </div>
);

// Read anew with every ``revision``, after every save (the server has a spelling of its own), and with every ``reading``, the id of the server's
// own: after a failure it reads again.
export function DocsForm({ subject, url, revision, reading, saved, failed, onSave, onProblem }) {
  const [docs, setDocs] = useState(null), [filter, setFilter] = useState("");
  const bases = useMemo(() => docs && basesOf(docs), [docs]), { texts, type: set, send, drop } = useTexts(subject, bases, docs?.revision, saved);
  const dirty = Object.keys(texts.changed()).length > 0;
  useEffect(() => {
    if (!url) return undefined;
    let gone = false;
    readDocs(url).then((found) => !gone && setDocs(found)).catch((error) => !gone && onProblem?.(error.message));
    return () => { gone = true; };
  }, [url, revision, reading, saved]);
  if (!docs) return !failed && <div className="skeleton" role="status" aria-label="Loading"><div className="skeleton-line" /><div className="skeleton-line" /><div className="skeleton-line" /></div>;

  const value = (name) => texts.text(name) ?? bases[name] ?? "";
  const type = (name) => (event) => set(name, event.target.value);
  const locked = (name) => (docs.locked.includes(name) ? { readOnly: true, "aria-describedby": `docs-${name}-hint` } : {});
  const said = (name, words) => (docs.locked.includes(name) ? `The annotation @${name} in pipeline.sql says it; change it there.` : words);
  const save = (event) => {
    event.preventDefault();
    const [changed, ...rest] = send(), columns = {}, given = { columns };
    for (const [name, text] of Object.entries(changed)) (name.startsWith(COLUMN) ? columns : given)[name.replace(COLUMN, "")] = text;
    onSave(given, ...rest);
  };
  const lines = (text) => Math.min(Math.max(text.split("\n").length, Math.ceil(text.length / 90), 1), 8);
  const gone = Object.keys(texts.changed()).filter((name) => name.startsWith(COLUMN) && !(name in bases)).map((name) => ({ name: name.slice(COLUMN.length), type: "gone" }));
  const shown = [...docs.listed, ...gone].filter(({ name }) => `${name} ${value(COLUMN + name)}`.toLowerCase().includes(filter.toLowerCase()));
  return (
    <form className="stack docs-form" aria-label="Documentation" onSubmit={save}>
      <SavedElsewhere texts={texts} />
      <Field id="docs-description" label="Description" hint="What one row is, and what the table is for.">
        <textarea id="docs-description" aria-describedby="docs-description-hint" className="input" rows={Math.max(lines(value("description")), 3)} maxLength={5000} value={value("description")} onChange={type("description")} />
      </Field>
      <div className="docs-pair">
        <Field id="docs-owner" label="Owner" hint={said("owner", "Who answers for it: a person or a team.")}>
          <input id="docs-owner" aria-describedby="docs-owner-hint" className="input" maxLength={200} autoComplete="off" value={value("owner")} onChange={type("owner")} {...locked("owner")} />
        </Field>
        <Field id="docs-tags" label="Tags" hint={said("tags", "Separated by commas.")}>
          <input id="docs-tags" aria-describedby="docs-tags-hint" className="input" maxLength={1000} autoComplete="off" value={value("tags")} onChange={type("tags")} {...locked("tags")} />
        </Field>
      </div>
      <div className="section-head docs-columns-head">
        <h2>Columns</h2>
        {docs.listed.length > 12 && <input type="search" className="input input-fit" aria-label="Search columns" placeholder="Search columns" value={filter} onChange={(event) => setFilter(event.target.value)} />}
      </div>
      <div className="docs-columns">
        {shown.map(({ name, type: kind }, index) => (
          <div key={name} className="docs-column">
            <label htmlFor={`docs-column-${index}`}><span className="name">{name}</span> <span className="muted docs-type" title={kind}>{kind}</span></label>
            <textarea id={`docs-column-${index}`} className="input" rows={lines(value(COLUMN + name))} maxLength={5000} value={value(COLUMN + name)} onChange={type(COLUMN + name)} />
          </div>
        ))}
        {shown.length === 0 && <p className="muted">No column matches.</p>}
      </div>
      <div className="row docs-foot">
        <button type="submit" className="button button-primary" disabled={!dirty}>Save documentation</button>
        <button type="button" className="button button-plain" disabled={!dirty} onClick={drop}>Discard</button>
        {dirty && <span className="tag tag-changed">● unsaved</span>}
      </div>
      <LeaveGuard dirty={dirty} lost="What you wrote about the table" onLeave={drop} />
    </form>
  );
}
