// Single keys that act while nothing is typed and no dialog is open; Settings can switch them off.
import { useEffect, useRef } from "react";
import { Link } from "react-router";
import { shortcuts } from "./entries.js";

const TOGETHER = 1200; // milliseconds between G and the key that follows it
const typing = (element) => element?.closest?.("input, textarea, select, [contenteditable='true'], .cm-editor");

const find = (otherwise) => {
  const field = [...document.querySelectorAll("main input[type=search]")].find((one) => one.checkVisibility());
  if (field) field.focus(); else otherwise();
};

export function useShortcuts({ pages, go, showPalette, showKeys }) {
  const since = useRef(-Infinity);
  useEffect(() => {
    // On the window, so that what a part of the page does with a key comes first.
    const pressed = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing(event.target)) return;
      if (document.querySelector("dialog[open]") || document.documentElement.dataset.keys === "off") return;
      const follows = event.timeStamp - since.current < TOGETHER && pages.find(([, , key]) => key && key === event.key);
      since.current = event.key === "g" ? event.timeStamp : -Infinity;
      const act = follows ? () => go(follows[1]) : { "?": showKeys, "/": () => find(showPalette) }[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  });
}

export function Shortcuts({ mod, pages, settings, close }) {
  return (
    <div className="dialog-body">
      <h2>Keyboard shortcuts</h2>
      <div className="keys">
        {shortcuts(mod, pages).map(([words, entries]) => (
          <section key={words}>
            <h3>{words}</h3>
            <dl>{entries.map(([keys, does]) => <div key={does}><dt>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</dt><dd>{does}</dd></div>)}</dl>
          </section>
        ))}
      </div>
      <p className="muted">Single keys act while nothing is typed. <Link className="link" to={settings}>Settings</Link> can switch them off.</p>
      <div className="dialog-foot"><button type="button" className="button button-plain" onClick={close}>Close</button></div>
    </div>
  );
}
