// Above the text: the files that are open, each with its mark and a way to close it, and what can be done with the one that is shown.
import { useEffect, useRef, useState } from "react";

const read = (key) => { try { return JSON.parse(localStorage.getItem(key)) || []; } catch { return []; } };
const short = (path) => path.split("/").at(-1);

export function CodeBar({ files, path, dirty, storageKey, comparing, released, onOpen, onTool }) {
  const [open, setOpen] = useState(() => read(storageKey));
  const list = useRef(null);
  const shown = open.filter((each) => files.includes(each));
  useEffect(() => { if (path && !open.includes(path)) setOpen([...open, path]); }, [path]);
  useEffect(() => { try { localStorage.setItem(storageKey, JSON.stringify(open)); } catch { /* Storage is full or forbidden: then it is not remembered. */ } }, [open]);
  const close = (which) => {
    const at = shown.indexOf(which), next = shown[at + 1] ?? shown[at - 1];
    if (!next) return; // one file is always open
    setOpen(open.filter((each) => each !== which));
    if (which === path) onOpen(next);
  };
  const go = (index) => list.current.querySelectorAll(".code-tab-open")[(index + shown.length) % shown.length]?.focus();
  const keyed = (event, index) => {
    const moves = { ArrowRight: () => go(index + 1), ArrowLeft: () => go(index - 1), Home: () => go(0), End: () => go(-1), Delete: () => { close(shown[index]); go(Math.max(index - 1, 0)); } };
    if (!moves[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    moves[event.key]();
  };
  const tool = (name, words, title, rest = {}) => <button type="button" className="code-tool" title={title} onClick={() => onTool(name)} {...rest}>{words}</button>;
  return (
    <div className="code-bar">
      <ul ref={list} className="code-tabs" aria-label="Open files">
        {shown.map((each, index) => (
          <li key={each} className="code-tab" data-shown={each === path}>
            <button type="button" className="code-tab-open" aria-current={each === path ? "true" : undefined} tabIndex={each === path ? 0 : -1} title={each}
              onClick={() => onOpen(each)} onKeyDown={(event) => keyed(event, index)} onAuxClick={(event) => event.button === 1 && close(each)}>
              {short(each)}{dirty.includes(each) && <span className="code-tab-dirty" title="unsaved"><span className="unseen"> unsaved</span></span>}
            </button>
            {shown.length > 1 && <button type="button" className="code-tab-close" tabIndex={-1} aria-label={`Close ${short(each)}`} title={`Close ${short(each)}`} onClick={() => close(each)}>×</button>}
          </li>
        ))}
      </ul>
      <div className="code-tools">
        {path.endsWith(".sql") && tool("submitPart", "Preview CTE", "The rows of the CTE that the cursor is in. Ctrl+Shift+Enter or ⌘+Shift+Enter")}
        {path.endsWith(".sql") && tool("format", "Format", "Lay out the text; only spaces and line ends change. Shift+Alt+F")}
        {tool("find", "Find", "Ctrl+F or ⌘+F; Ctrl+Alt+G or ⌘+Alt+G goes to a line")}
        {released && tool("compare", "Changes", "Show in the text what differs from the released version", { "aria-pressed": comparing })}
      </div>
    </div>
  );
}
