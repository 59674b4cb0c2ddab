// The strip of tabs above the editor. A list of buttons rather than ARIA tabs: each has a second button that closes it.
import { useEffect, useRef, useState } from "react";
import "./query_tabs.css";

const Icon = ({ path }) => <svg width="14" height="14" viewBox="0 0 14 14" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true"><path d={path} /></svg>;

function Tab({ tab, active, dirty, onPick, onClose, onName }) {
  const [naming, setNaming] = useState(false);
  const button = useRef(null), back = useRef(false);
  useEffect(() => { if (active) button.current?.scrollIntoView({ block: "nearest", inline: "nearest" }); }, [active]);
  useEffect(() => { if (!naming && back.current) { back.current = false; button.current?.focus(); } }, [naming]);
  const done = (event, keepName) => {
    const name = event.currentTarget.value.trim();
    if (keepName && name) onName(tab.id, name.slice(0, 60));
    back.current = event.type === "keydown";
    setNaming(false);
  };
  const keyed = (event) => {
    if (event.key === "F2") { event.preventDefault(); setNaming(true); }
    if (event.key === "Delete") onClose(tab.id);
  };
  return (
    <li className="query-tab" data-active={active}>
      {naming ? (
        <input className="input query-tab-name" aria-label="Name of the tab" defaultValue={tab.name} autoFocus maxLength={60} onFocus={(event) => event.target.select()}
          onBlur={(event) => done(event, true)} onKeyDown={(event) => { if (event.key === "Enter") done(event, true); if (event.key === "Escape") done(event, false); }} />
      ) : (
        <button ref={button} type="button" className="query-tab-pick" aria-current={active ? "true" : undefined} title={`${tab.name}${dirty ? ", changed since it was saved" : ""}. F2 or a double click renames it.`}
          onClick={() => onPick(tab.id)} onDoubleClick={() => setNaming(true)} onKeyDown={keyed}>
          {tab.name}{dirty && <span className="query-tab-changed"> changed</span>}
        </button>
      )}
      <button type="button" className="query-tab-close" aria-label={`Close ${tab.name}`} title={`Close ${tab.name}; it can be brought back`} onClick={() => onClose(tab.id)}><Icon path="M3.5 3.5l7 7m0-7l-7 7" /></button>
    </li>
  );
}

export function QueryTabs({ tabs, active, dirty, closed, note, onNew, onReopen, ...acts }) {
  return (
    <div className="query-tabs" role="group" aria-label="Queries">
      <ul className="query-tabs-list">{tabs.map((tab) => <Tab key={tab.id} tab={tab} active={tab.id === active} dirty={dirty(tab)} {...acts} />)}</ul>
      <button type="button" className="button button-icon" aria-label="New query" title="New query" onClick={onNew}><Icon path="M7 2.5v9M2.5 7h9" /></button>
      {closed > 0 && <button type="button" className="button button-icon" aria-label="Bring back the closed query" title="Bring back the query that was closed last" onClick={onReopen}><Icon path="M3 2.5V6h3.5M3.2 6A4.5 4.5 0 1 1 3 8.5" /></button>}
      <span className="muted bench-note query-tabs-note">{note}</span>
    </div>
  );
}
