// The tools over a log: what is shown of it, searching it, and how it is drawn.
import { useEffect } from "react";

const LEVELS = [["debug", "All lines"], ["info", "Info and above"], ["warning", "Warnings and errors"], ["error", "Errors only"]];
const typing = (element) => element?.closest("input, textarea, select, [contenteditable='true'], .cm-editor");

// Single keys, never while somebody types, in a dialog, or when they were switched off.
export function useKeys(keys) {
  useEffect(() => {
    const pressed = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing(event.target)) return;
      if (document.querySelector("dialog[open]") || document.documentElement.dataset.keys === "off" || !keys[event.key]) return;
      event.preventDefault();
      keys[event.key]();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  });
}

function Toggle({ words, on, set, hint }) {
  return <button type="button" className="log-view-toggle" aria-pressed={on} title={hint} onClick={() => set(!on)}>{words}</button>;
}

export function LogBar({ log, field }) {
  const type = (event) => {
    if (event.key === "Enter") { event.preventDefault(); log.find(event.shiftKey); }
    if (event.key === "Escape") { log.setText(""); log.focus(); }
  };
  return (
    <div className="log-view-bar" role="group" aria-label="Log tools">
      <select className="log-view-select" aria-label="Level" value={log.level} onChange={(event) => log.setLevel(event.target.value)}>
        {LEVELS.map(([value, words]) => <option key={value} value={value}>{words}</option>)}
      </select>
      <input ref={field} className="log-view-search" type="search" aria-label="Search the log" placeholder="Search  /" autoComplete="off" maxLength={200}
        value={log.text} onChange={(event) => log.setText(event.target.value)} onKeyDown={type} />
      {log.text && <>
        <span className="log-view-found" role="status">{log.hits}</span>
        <button type="button" className="log-view-toggle" aria-label="Previous match" title="Previous match (Shift+Enter)" onClick={() => log.find(true)}>↑</button>
        <button type="button" className="log-view-toggle" aria-label="Next match" title="Next match (Enter)" onClick={() => log.find(false)}>↓</button>
        <Toggle words="Matches only" on={log.only} set={log.setOnly} />
      </>}
      <button type="button" className="log-view-toggle" title="Next error (n)" onClick={() => log.error()}>Next error</button>
      <button type="button" className="log-view-toggle" onClick={() => log.error(true)}>First error</button>
      <span className="log-view-space" />
      <span data-testid="log-count">{log.count}</span>
      {log.said && <span role="status" className={log.failed ? "log-view-problem" : ""}>{log.said}</span>}
      <Toggle words="Wrap" on={log.wrap} set={log.setWrap} hint="Wrap long lines (w)" />
      <Toggle words="Elapsed" on={log.elapsed} set={log.setElapsed} hint="Time since the attempt began, instead of the time of day" />
      <Toggle words="Follow" on={log.follow} set={log.setFollow} />
      <button type="button" className="log-view-toggle" title="Copy a link to the chosen lines, or to the first one shown" onClick={log.copyLink}>Copy link</button>
      <a className="log-view-toggle" href={log.download} download>Download</a>
      <Toggle words="Full screen" on={log.full} set={log.setFull} hint="Full screen (f), Escape leaves it" />
    </div>
  );
}
