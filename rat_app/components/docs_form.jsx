// What is written about a table, as a form: read over REST, so that long texts never live in state; only what changed is sent.
import { useEffect, useRef, useState } from "react";
import { keep, typed as typedBefore } from "../guarded_form/kept.js";
import { LeaveGuard } from "../guarded_form/leave_guard.jsx";

const read = async (url) => {
  const answer = await fetch(url);
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error?.message || `HTTP ${answer.status}`);
  return body;
};

const Field = ({ id, label, hint, children }) => (
  <div className="field">
    <label htmlFor={id} className="field-label">{label}</label>
    {children}
    {hint && <div id={`${id}-hint`} className="field-below field-hint">{hint}</div>}
  </div>
);

// ``saved`` counts what makes typed texts obsolete: a save, or taking those of somebody else.
export function DocsForm({ url, revision, saved, onSave, onProblem }) {
  const key = `${window.location.pathname} docs`, [kept] = useState(() => typedBefore(key));
  const [docs, setDocs] = useState(kept?.docs ?? null), [typed, setTyped] = useState(kept?.typed ?? {}), [filter, setFilter] = useState("");
  const seen = useRef(saved);
  const names = Object.keys(typed), dirty = names.length > 0;
  useEffect(() => keep(key, dirty && { docs, typed }), [typed]);
  useEffect(() => { if (saved !== seen.current) { seen.current = saved; setTyped({}); } }, [saved]);
  useEffect(() => {
    // Texts from elsewhere never replace what is typed.
    if (!url || dirty) return undefined;
    let gone = false;
    Promise.all([read(`${url}/metadata`), read(url).catch(() => ({ columns: [] }))]).then(([found, table]) => {
      const listed = table.columns.map(({ name, type }) => ({ name, type }));
      const further = Object.keys(found.columns).filter((name) => !listed.some((column) => column.name === name)).map((name) => ({ name, type: "not published" }));
      if (!gone) setDocs({ ...found, tags: found.tags.join(", "), listed: [...listed, ...further] });
    }).catch((error) => !gone && onProblem?.(error.message));
    return () => { gone = true; };
  }, [url, revision, dirty, saved]);
  if (!docs) return <div className="skeleton" role="status" aria-label="Loading"><div className="skeleton-line" /><div className="skeleton-line" /><div className="skeleton-line" /></div>;

  const before = (name) => (name.startsWith("column:") ? docs.columns[name.slice(7)] ?? "" : docs[name]);
  const value = (name) => typed[name] ?? before(name);
  const type = (name) => (event) => {
    const text = event.target.value;
    setTyped((now) => { const { [name]: _, ...rest } = now; return text === before(name) ? rest : { ...rest, [name]: text }; });
  };
  const locked = (name) => (docs.locked.includes(name) ? { readOnly: true, "aria-describedby": `docs-${name}-hint` } : {});
  const said = (name, words) => (docs.locked.includes(name) ? `The annotation @${name} in pipeline.sql says it; change it there.` : words);
  const save = (event) => {
    event.preventDefault();
    const changed = Object.fromEntries(names.filter((name) => !name.startsWith("column:")).map((name) => [name, typed[name]]));
    const columns = Object.fromEntries(names.filter((name) => name.startsWith("column:")).map((name) => [name.slice(7), typed[name]]));
    onSave({ ...changed, columns }, docs.revision);
  };
  const lines = (text) => Math.min(Math.max(text.split("\n").length, Math.ceil(text.length / 90), 1), 8);
  const shown = docs.listed.filter(({ name }) => `${name} ${value(`column:${name}`)}`.toLowerCase().includes(filter.toLowerCase()));
  return (
    <form className="stack docs-form" aria-label="Documentation" onSubmit={save}>
      {dirty && revision !== docs.revision && <p role="status" className="work-strip work-strip-warn">Somebody changed the documentation meanwhile. Your text here was not touched; saving shows both.</p>}
      <Field id="docs-description" label="Description" hint="What one row is, and what the table is for.">
        <textarea id="docs-description" aria-describedby="docs-description-hint" className="input" rows={Math.max(lines(value("description")), 3)} maxLength={5000} value={value("description")} onChange={type("description")} />
      </Field>
      <div className="docs-pair">
        <Field id="docs-owner" label="Owner" hint={said("owner", "Who answers for it: a person or a team.")}>
          <input id="docs-owner" aria-describedby="docs-owner-hint" className="input" maxLength={200} autoComplete="off" value={value("owner")} onChange={type("owner")} {...locked("owner")} />
        </Field>
        <Field id="docs-tags" label="Tags" hint={said("tags", "Apart by commas.")}>
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
            <textarea id={`docs-column-${index}`} className="input" rows={lines(value(`column:${name}`))} maxLength={5000} value={value(`column:${name}`)} onChange={type(`column:${name}`)} />
          </div>
        ))}
        {shown.length === 0 && <p className="muted">No column matches.</p>}
      </div>
      <div className="row docs-foot">
        <button type="submit" className="button button-primary" disabled={!dirty}>Save documentation</button>
        <button type="button" className="button button-plain" disabled={!dirty} onClick={() => setTyped({})}>Discard</button>
        {dirty && <span className="tag tag-changed">● unsaved</span>}
      </div>
      <LeaveGuard dirty={dirty} lost="What you wrote about the table" onLeave={() => keep(key, null)} />
    </form>
  );
}
