// The files of a pipeline (or one query) being edited. The text lives here, in the browser, and is sent only with a command.
// It starts as a plain text area; CodeMirror takes over when it has loaded, and if it cannot be loaded the text area stays usable.
import { useEffect, useReducer, useRef, useState } from "react";
import { LeaveGuard } from "../../guarded_form/leave_guard.jsx";
import { Texts, whenDropped } from "../../guarded_form/texts.js";
import { CodeBar } from "./code_bar.jsx";
import "./code_editor.css";

const HINT = "code-editor-hint", PAUSE = 150; // milliseconds without a key before what was typed is checked

// The same verbs as CodeMirror's, on a <textarea>.
const plainEditor = (area) => ({
  show(path, text) { if (area.value !== text) area.value = text; },
  learn() {}, mark() {}, compare() {}, find() {}, destroy() {},
  replace(text) { area.value = text; area.dispatchEvent(new Event("input", { bubbles: true })); },
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

export function CodeEditor({ files, revision, removed, path, label, problems, target, names, words, scope, edit, released, templated, storageKey, onDirty, onOpen, ...handlers }) {
  const host = useRef(null), area = useRef(null), editor = useRef(null), texts = useRef(null);
  const shown = useRef(""), away = useRef(""), reported = useRef(""), latest = useRef({}), pause = useRef(0);
  const [ready, setReady] = useState(false);
  const [dirty, setDirty] = useState([]);
  const [turn, redraw] = useReducer((count) => count + 1, 0);
  const [original, setOriginal] = useState(null); // the released texts, while they are compared with
  const [trouble, setTrouble] = useState("");
  const sent = useRef({}), edited = useRef(null), known = Boolean(files && Object.keys(files).length);
  texts.current ??= new Texts(storageKey, Boolean(onDirty));
  useEffect(() => { latest.current = { onDirty, onOpen, handlers, released }; });

  const report = () => {
    const found = Object.keys(texts.current.changed()), key = JSON.stringify(found);
    if (key === reported.current) return;
    reported.current = key;
    setDirty(found);
    latest.current.onDirty?.(found);
  };
  const refresh = () => { redraw(); report(); };
  // "save" calls onSave, "submit" onSubmit, and so on: with what differs from the server's text, the selection and the revision.
  const command = (name) => {
    sent.current = { path: shown.current, text: texts.current.text(shown.current) };
    if (name === "find") editor.current.find();
    else if (name === "compare") compare();
    else ask(name);
  };
  const compare = async () => {
    setTrouble("");
    if (original) return setOriginal(null);
    try {
      const answer = await fetch(latest.current.released), body = await answer.json();
      if (!answer.ok) throw new Error(body.error?.message || `HTTP ${answer.status}`);
      setOriginal(body.files);
    } catch (error) { setTrouble(`The released version could not be read. ${error.message}`); }
  };
  const ask = (name) => latest.current.handlers[`on${name[0].toUpperCase()}${name.slice(1)}`]?.(texts.current.send(), editor.current.selection(), texts.current.standing() ?? 0);
  const typed = (text) => {
    texts.current.type(shown.current, text);
    report();
    clearTimeout(pause.current);
    if (latest.current.handlers.onCheck) pause.current = setTimeout(() => command("check"), PAUSE);
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
    const off = whenDropped(() => { texts.current.drop(); refresh(); });
    texts.current.closed = false;
    if (onDirty) texts.current.inherit(refresh);
    return () => { gone = texts.current.closed = true; off(); clearTimeout(pause.current); document.removeEventListener("click", clicked); editor.current.destroy(); };
  }, []);

  useEffect(() => {
    if (known) texts.current.merge(files, revision, removed);
    else away.current ||= shown.current; // not read yet, or the server restarted and knows of nothing
    reported.current = ""; // whatever the server was told before, it may think otherwise now
    if (known) report();
  }, [files, revision, removed]);
  useEffect(() => {
    const text = texts.current.text(path), back = away.current;
    if (text === undefined || !known) return;
    away.current = "";
    if (back && back !== path && texts.current.text(back) !== undefined) { // whoever typed there goes on there
      latest.current.onOpen?.(back);
      return;
    }
    shown.current = path;
    editor.current.show(path, text);
    if (templated) editor.current.compare(original ? original[path] ?? "" : null);
  }, [path, files, turn, ready, original]);
  useEffect(() => { if (templated && files?.[path] !== undefined) ask("check"); }, [path, revision]);
  useEffect(() => { editor.current.learn({ ...names, words, scope }); }, [names, words, scope, ready]);
  useEffect(() => { // a text that was asked for, unless somebody typed on meanwhile
    if (!edit?.again || edited.current === edit.again) return;
    edited.current = edit.again;
    if (edit.path === sent.current.path && shown.current === edit.path && texts.current.text(edit.path) === sent.current.text) editor.current.replace(edit.text);
  }, [edit]);
  useEffect(() => { editor.current.mark((problems || []).filter((p) => p.file === path && p.line > 0)); }, [problems, path, files, ready]);
  useEffect(() => { if (target?.line && target.file === path) editor.current.jump(target.line, target.column); }, [target, path, ready]);

  const keyed = (event) => {
    const name = (event.ctrlKey || event.metaKey) && { s: "save", Enter: "submit" }[event.key];
    if (name) { event.preventDefault(); command(name); }
    if (event.key === "Escape") event.currentTarget.blur();
  };
  return (
    <div className="code-editor" data-ready={ready}>
      {onOpen && <CodeBar files={[...new Set([...Object.keys(files || {}), ...dirty])]} path={path} dirty={dirty} storageKey={`${storageKey}-tabs`} comparing={original !== null} released={released} onOpen={onOpen} onTool={command} />}
      {trouble && <p role="alert" className="work-strip work-strip-warn">{trouble}</p>}
      <div ref={host} className="code-editor-host" hidden={!ready} />
      <textarea ref={area} className="code-editor-plain" hidden={ready} aria-label={label} aria-describedby={HINT} spellCheck={false} autoCapitalize="off"
        onInput={(event) => typed(event.currentTarget.value)} onKeyDown={keyed} />
      <span id={HINT} className="code-editor-hint">Press Escape, then Tab, to leave the editor.</span>
      <LeaveGuard dirty={dirty.length > 0 && Boolean(onDirty)} lost={`What you changed in ${dirty.join(", ")}`} onLeave={() => texts.current.drop()} />
    </div>
  );
}
