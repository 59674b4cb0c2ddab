// Texts being edited: the server's beside what was typed in this window, which kept.js keeps.
import { useEffect, useReducer, useRef } from "react";
import { fresh, inherit, keep, typedHere } from "./kept.js";

// What a save is based on whose texts were begun on a revision that is gone.
const NONE = { number: 0, string: "" };
const REMEMBERED = 20; // texts of a file that may be under way to the server at a time

// The texts of one subject as this window has them. ``saves``: they are meant for the server. Without it (queries) what was typed here simply stays.
export class Texts {
  constructor(subject, saves = true) {
    Object.assign(this, { subject, saves, files: new Map(), bases: null, revision: null, removed: null, closed: false });
    this.found = subject ? { ...typedHere(subject) } : {}; // not yet compared with the server's
  }

  text(name) { return this.files.get(name)?.text; }
  ours(file) { return this.saves ? file.text !== file.base : Boolean(file.at); }
  typed() { return [...this.files].filter(([, file]) => this.ours(file)); }
  changed() { return Object.fromEntries(this.typed().map(([name, file]) => [name, file.text])); }
  // Texts that the server changed or removed since they were begun.
  behind() { return this.typed().filter(([, file]) => file.revision !== this.revision).map(([name]) => name); }
  // The revision that a save is based on. With texts that are behind it is none: the save is refused, and both are shown.
  standing() { return this.behind().length ? NONE[typeof this.revision] : this.revision; }

  type(name, text) {
    const file = this.files.get(name);
    if (!file) return;
    Object.assign(file, { text, at: Date.now() });
    this.keep();
  }

  send() {
    const texts = this.changed();
    for (const name of Object.keys(texts)) {
      const file = this.files.get(name);
      if (file.sent?.at(-1) !== texts[name]) file.sent = [...(file.sent ?? []), texts[name]].slice(-REMEMBERED);
    }
    return texts;
  }

  // The server took ``texts``, perhaps in its own spelling.
  accept(texts) {
    for (const [name, text] of Object.entries(texts)) if (this.files.has(name)) this.files.get(name).base = text;
    this.keep();
  }

  // Take over the server's texts; ``removed`` is one that was deleted here and that it can bring back.
  merge(bases, revision, removed = null) {
    Object.assign(this, { bases, revision, removed });
    for (const name of new Set([...Object.keys(bases), ...this.files.keys(), ...Object.keys(this.found)])) {
      const here = this.files.get(name), file = this.merged(name, here && this.ours(here) ? here : this.found[name] ?? here);
      if (file) this.files.set(name, file);
      else this.files.delete(name);
    }
    this.found = {};
    this.keep();
  }

  merged(name, file) {
    const base = this.bases[name], { revision, removed } = this, open = file && this.ours(file);
    if (base === undefined) return open && this.saves && !(removed?.path === name && removed.text === file.text) ? file : null;
    if (!open || (this.saves && file.text === base)) return { base, text: base, revision };
    const sent = file.sent?.indexOf(base) ?? -1; // what was sent before is answered, or was never meant to be saved
    return file.base === base || sent >= 0 ? { ...file, base, revision, sent: file.sent?.slice(sent + 1) } : file;
  }

  // What windows that are gone held, except where something else is typed here.
  inherit(done) {
    if (!this.subject) return;
    inherit(this.subject, (files) => {
      const taken = Object.entries(files).filter(([name, file]) => !this.closed && this.takes(name, file));
      Object.assign(this.found, Object.fromEntries(taken.filter(([name]) => !this.isOurs(name))));
      if (taken.length && this.bases) this.merge(this.bases, this.revision, this.removed);
      else if (taken.length) this.keep();
      if (taken.length) done();
      return Object.fromEntries(Object.entries(files).filter(([name]) => !taken.some(([each]) => each === name)));
    }, true);
  }

  isOurs(name) { return name in this.found || (this.files.has(name) && this.ours(this.files.get(name))); }
  takes(name, { text }) {
    const here = this.found[name] ?? this.files.get(name);
    return !this.isOurs(name) || here.text === text || here.base === text;
  }

  keep() {
    if (!this.subject) return;
    const ours = this.typed().map(([name, { base, text, revision, at }]) => [name, { base, text, revision, at }]);
    keep(this.subject, { ...this.found, ...Object.fromEntries(ours) });
  }

  // On purpose, by the person in this window.
  drop() {
    this.files.clear();
    this.found = {};
    if (this.bases) this.merge(this.bases, this.revision);
    else this.keep();
  }
}

// Any button of the page may drop what is typed: it carries a data attribute.
export function whenDropped(act) {
  const clicked = (event) => { if (event.target.closest?.("[data-drop-typed]:not(:disabled)")) act(); };
  document.addEventListener("click", clicked);
  return () => document.removeEventListener("click", clicked);
}

// Texts within a form: ``bases`` are the server's (null: not read yet), ``saved`` is the id of the last save that it took.
export function useTexts(subject, bases, revision, saved) {
  const held = useRef(null), sent = useRef({}), [, redraw] = useReducer((turn) => turn + 1, 0);
  const texts = held.current ??= new Texts(subject);
  const then = (act) => (...given) => { act(...given); redraw(); };
  const drop = then(() => texts.drop());
  useEffect(() => {
    const off = whenDropped(drop);
    texts.closed = false;
    texts.inherit(redraw);
    return () => { texts.closed = true; off(); };
  }, []);
  useEffect(() => { if (saved && saved === sent.current.id) then(() => texts.accept(sent.current.texts))(); }, [saved]);
  useEffect(() => { if (bases) then(() => texts.merge(bases, revision))(); }, [bases, revision]);
  // What a save sends: the texts that changed, the revision they were written on, and the id that ``saved`` answers with.
  const send = () => {
    sent.current = { id: fresh(), texts: texts.send() };
    return [sent.current.texts, texts.standing(), sent.current.id];
  };
  const follow = then(() => bases && texts.merge(bases, revision));
  return { texts, type: then((name, text) => texts.type(name, text)), send, drop, follow };
}
