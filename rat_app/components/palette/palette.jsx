// Go anywhere and do anything by its name: pages and commands from here, everything else from the server.
import { useEffect, useId, useMemo, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { commands, grouped, isMac, matching } from "./entries.js";
import { STAY, newest, noteVisit, recents } from "./recent.js";
import { Shortcuts, useShortcuts } from "./shortcuts.jsx";
import "./palette.css";

const PAUSE = 120; // milliseconds after the last key
const SETTINGS = "/settings";

function Search({ entries, busy, failure, text, type, choose }) {
  const [at, setAt] = useState(0), list = useRef(null), id = useId();
  useEffect(() => setAt(0), [text]);
  useEffect(() => { list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }); }, [at]);
  const here = Math.min(at, entries.length - 1);
  const move = (event) => {
    const last = entries.length - 1, to = { ArrowDown: here >= last ? 0 : here + 1, ArrowUp: here > 0 ? here - 1 : last }[event.key];
    if (to !== undefined) { event.preventDefault(); setAt(to); }
    if (event.key === "Enter" && entries[here] && !event.nativeEvent.isComposing) { event.preventDefault(); choose(entries[here]); }
  };
  const option = (entry) => {
    const place = entries.indexOf(entry);
    return (
      <div key={entry.key} id={`${id}-${place}`} role="option" aria-selected={place === here} className="palette-entry" onPointerMove={() => setAt(place)} onClick={() => choose(entry)}>
        <span className="palette-title">{entry.title}</span>{entry.more && <span className="palette-more">{entry.more}</span>}
      </div>
    );
  };
  return (
    <>
      <input className="palette-field" role="combobox" aria-label="Search and commands" aria-expanded="true" aria-controls={`${id}-list`} aria-autocomplete="list"
        aria-activedescendant={here >= 0 ? `${id}-${here}` : undefined} autoFocus autoComplete="off" spellCheck={false} maxLength={200} value={text} onKeyDown={move}
        onChange={(event) => type(event.target.value)} placeholder="A name, a column, a run's id, a page, or: run a pipeline" />
      <div ref={list} id={`${id}-list`} role="listbox" aria-label="Found" aria-busy={busy} className="palette-list">
        {grouped(entries).map(({ kind, words, members }) => (
          <div key={kind} role="group" aria-label={words}><p className="palette-kind" aria-hidden="true">{words}</p>{members.map(option)}</div>
        ))}
      </div>
      <p className={entries.length || busy ? "unseen" : "palette-none"} role="status">
        {entries.length ? `${entries.length} found` : busy ? "Searching" : failure || `Nothing is called “${text}”. Part of a name is enough; a run is found by the beginning of its id.`}
      </p>
    </>
  );
}

export function Palette({ pages, found, failure, onSearch, onRun, onTheme }) {
  const [shown, setShown] = useState(""), [text, setText] = useState(""), [mod, setMod] = useState("Ctrl");
  const box = useRef(null), timer = useRef(0), navigate = useNavigate(), { key, pathname } = useLocation();
  const wanted = text.trim(), busy = wanted !== "" && found.text !== wanted && !failure;
  const close = () => box.current.close();
  const show = (what) => { setText(""); setShown(what); if (!box.current.open) box.current.showModal(); };
  const go = (to) => navigate(to);
  useShortcuts({ pages, go, showPalette: () => show("palette"), showKeys: () => show("keys") });
  useEffect(() => { if (isMac()) setMod("⌘"); return () => clearTimeout(timer.current); }, []);
  useEffect(close, [key]); // whatever link was followed
  useEffect(() => { const visit = setTimeout(noteVisit, STAY); return () => clearTimeout(visit); }, [pathname]);
  useEffect(() => {
    const pressed = (event) => {
      if (event.key.toLowerCase() !== "k" || event.shiftKey || event.altKey || !(isMac() ? event.metaKey : event.ctrlKey)) return;
      event.preventDefault();
      event.stopPropagation();
      if (shown === "palette") close(); else if (shown || !document.querySelector("dialog[open]")) show("palette");
    };
    window.addEventListener("keydown", pressed, true); // before an editor takes it
    return () => window.removeEventListener("keydown", pressed, true);
  });
  const own = useMemo(() => [
    ...pages.map(([title, to, letter]) => ({ kind: "page", key: to, title, more: letter && `G ${letter.toUpperCase()}`, to })),
    ...commands({ onTheme, showKeys: () => show("keys") }),
  ], [pages]);
  const seen = useMemo(() => (shown === "palette" ? recents() : []), [shown]);
  const entries = useMemo(() => {
    if (!wanted) return [...newest(seen), ...own];
    const again = newest(matching(seen, wanted)), known = new Set(again.map(({ to }) => to));
    const hits = found.hits.filter(({ to }) => !known.has(to)).map((hit) => ({ ...hit, key: hit.kind + hit.key, name: hit.key }));
    return [...again, ...matching(own, wanted), ...hits];
  }, [own, seen, wanted, found]);
  const type = (value) => {
    setText(value);
    clearTimeout(timer.current);
    if (value.trim()) timer.current = setTimeout(() => onSearch(value.trim()), PAUSE);
  };
  const choose = (entry) => {
    close();
    if (entry.act) entry.act(); else if (entry.kind === "run_pipeline") onRun(entry.name); else go(entry.to);
  };
  return (
    <>
      <button type="button" className="button palette-button" aria-label="Search and commands" aria-keyshortcuts={mod === "Ctrl" ? "Control+K" : "Meta+K"} title={`Search and commands (${mod} K)`} onClick={() => show("palette")}>
        <svg width="14" height="14" viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true"><circle cx="7" cy="7" r="4.5" /><path d="M10.5 10.5L14 14" /></svg>
        <span className="palette-words">Search</span><kbd className="palette-words">{mod} K</kbd>
      </button>
      <dialog ref={box} className={`dialog palette palette-${shown}`} aria-label={shown === "keys" ? "Keyboard shortcuts" : "Search and commands"} onClose={() => box.current.open || setShown("")}
        onMouseDown={(event) => event.target === box.current && close()}>
        {shown === "palette" && <Search entries={entries} busy={busy} failure={failure} text={text} type={type} choose={choose} />}
        {shown === "keys" && <Shortcuts mod={mod} pages={pages} settings={SETTINGS} close={close} />}
      </dialog>
    </>
  );
}
