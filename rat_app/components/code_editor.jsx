// The files of a pipeline (or one query) being edited. The text lives here, in the browser, and is sent only with a command.
// It starts as a plain text area; CodeMirror takes over when it has loaded, and if it cannot be loaded the text area stays usable.
import { useEffect, useRef, useState } from "react";
import { useBlocker } from "react-router";
import "./code_editor.css";

const HINT = "code-editor-hint", PAUSE = 700; // milliseconds without a key before what was typed is checked
const remembered = (key) => { try { return JSON.parse(localStorage.getItem(key)) || {}; } catch { return {}; } };
const remember = (key, value) => { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* Storage is full or forbidden: the text then lives as long as the page. */ } };

// The same verbs as CodeMirror's, on a <textarea>.
const plainEditor = (area) => ({
  show(path, text) { if (area.value !== text) area.value = text; },
  learn() {}, mark() {}, destroy() {},
  selection() {
    const before = area.value.slice(0, area.selectionStart).split("\n");
    return { text: area.value.slice(area.selectionStart, area.selectionEnd), line: before.length, column: before.at(-1).length + 1 };
  },
  insert(text) { area.setRangeText(text, area.selectionStart, area.selectionEnd, "end"); area.dispatchEvent(new Event("input", { bubbles: true })); area.focus(); },
  jump(line, column) {
    const from = area.value.split("\n", line - 1).reduce((sum, row) => sum + row.length + 1, 0) + Math.max(column - 1, 0);
    area.focus();
    area.setSelectionRange(from, from);
  },
});

export function CodeEditor({ files, revision, discard, path, label, problems, target, names, templated, storageKey, onDirty, ...handlers }) {
  const host = useRef(null), area = useRef(null), leave = useRef(null), editor = useRef(null);
  const buffers = useRef(new Map()); // path -> { base: what the server has, text: what is on the screen }
  const held = useRef(revision); // the revision that the unsaved text was written on
  const shown = useRef(""), reported = useRef("[]"), discarded = useRef(discard), latest = useRef({}), pause = useRef(0);
  const [ready, setReady] = useState(false);
  const [dirty, setDirty] = useState([]);
  latest.current = { onDirty, handlers };

  const changed = () => Object.fromEntries([...buffers.current].filter(([, b]) => b.text !== b.base).map(([name, b]) => [name, b.text]));
  const report = () => {
    const found = Object.keys(changed()), key = JSON.stringify(found);
    if (key === reported.current) return;
    reported.current = key;
    setDirty(found);
    latest.current.onDirty?.(found);
  };
  const typed = (text) => {
    const buffer = buffers.current.get(shown.current);
    if (!buffer) return;
    buffer.text = text;
    if (storageKey) remember(storageKey, { base: buffer.base, text });
    report();
    clearTimeout(pause.current);
    if (latest.current.handlers.onCheck) pause.current = setTimeout(() => command("check"), PAUSE);
  };
  // "save" calls onSave, "submit" onSubmit, and so on: with what differs from the server's text, the selection and the revision.
  const command = (name) => {
    const texts = changed();
    for (const [path, text] of Object.entries(texts)) buffers.current.get(path).sent = text;
    latest.current.handlers[`on${name[0].toUpperCase()}${name.slice(1)}`]?.(texts, editor.current.selection(), held.current);
  };

  useEffect(() => {
    let gone = false;
    editor.current = plainEditor(area.current);
    import("./code_mirror.js").then(({ mountEditor }) => {
      if (gone) return;
      editor.current = mountEditor(host.current, { label, describedBy: HINT, templated, onText: typed, onKey: command });
      setReady(true);
    }).catch((error) => console.warn("The code editor could not be loaded; a plain text area is used.", error));
    // Any button of the page may be a command of the editor: it names the command in a data attribute.
    const clicked = (event) => {
      const at = event.target.closest?.("[data-editor-command], [data-editor-insert]");
      if (!at || at.disabled) return;
      if (at.dataset.editorInsert) editor.current.insert(at.dataset.editorInsert);
      if (at.dataset.editorCommand) command(at.dataset.editorCommand);
    };
    document.addEventListener("click", clicked);
    return () => { gone = true; clearTimeout(pause.current); document.removeEventListener("click", clicked); editor.current.destroy(); };
  }, []);

  useEffect(() => { // The server's text may change below us: unsaved text is never overwritten, unless it is discarded on purpose.
    if (!files || !Object.keys(files).length) return; // not loaded yet, or a server that just restarted
    const drop = discarded.current !== discard;
    let behind = false;
    discarded.current = discard;
    for (const name of [...buffers.current.keys()]) if (!(name in files)) buffers.current.delete(name);
    for (const [name, base] of Object.entries(files)) {
      const buffer = buffers.current.get(name);
      const kept = buffer || !storageKey ? {} : remembered(storageKey);
      if (!buffer) buffers.current.set(name, { base, text: kept.base === base ? kept.text : base });
      else if (drop || buffer.text === buffer.base || buffer.text === base) Object.assign(buffer, { base, text: base });
      else if (buffer.sent === base) buffer.base = base; // our own save, and typing went on meanwhile
      else if (buffer.base !== base) behind = true;
    }
    if (!behind) held.current = revision;
    report();
  }, [files, revision, discard]);

  useEffect(() => {
    const buffer = buffers.current.get(path);
    if (!buffer) return;
    shown.current = path;
    editor.current.show(path, buffer.text);
  }, [path, files, discard, ready]);
  useEffect(() => { editor.current.learn(names || {}); }, [names, ready]);
  useEffect(() => { editor.current.mark((problems || []).filter((p) => p.file === path && p.line > 0)); }, [problems, path, files, ready]);
  useEffect(() => { if (target?.line && target.file === path) editor.current.jump(target.line, target.column); }, [target, path, ready]);

  const guarded = dirty.length > 0 && Boolean(onDirty);
  useEffect(() => {
    if (!guarded) return undefined;
    const ask = (event) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [guarded]);
  const blocker = useBlocker(({ currentLocation, nextLocation }) => guarded && currentLocation.pathname !== nextLocation.pathname);
  useEffect(() => { if (blocker.state === "blocked") leave.current.showModal(); else leave.current.close(); }, [blocker.state]);

  const keyed = (event) => {
    const name = (event.ctrlKey || event.metaKey) && { s: "save", Enter: "submit" }[event.key];
    if (name) { event.preventDefault(); command(name); }
    if (event.key === "Escape") event.currentTarget.blur();
  };
  return (
    <div className="code-editor" data-ready={ready}>
      <div ref={host} className="code-editor-host" hidden={!ready} />
      <textarea ref={area} className="code-editor-plain" hidden={ready} aria-label={label} aria-describedby={HINT} spellCheck={false} autoCapitalize="off"
        onInput={(event) => typed(event.currentTarget.value)} onKeyDown={keyed} />
      <span id={HINT} className="code-editor-hint">Press Escape, then Tab, to leave the editor.</span>
      <dialog ref={leave} className="dialog" aria-labelledby="code-editor-leave" onCancel={() => blocker.reset?.()}>
        <div className="dialog-body">
          <h2 id="code-editor-leave">Leave without saving?</h2>
          <p>What you changed in {dirty.join(", ")} will be lost.</p>
          <div className="dialog-foot">
            <button type="button" className="button button-plain" autoFocus onClick={() => blocker.reset?.()}>Stay</button>
            <button type="button" className="button button-danger" onClick={() => blocker.proceed?.()}>Leave</button>
          </div>
        </div>
      </dialog>
    </div>
  );
}
