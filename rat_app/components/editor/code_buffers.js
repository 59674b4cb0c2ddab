// The texts of an editor's files: what the server has (base), what is on the screen (text), and what was last sent.
// What is not saved is kept in the browser's storage too, so that a reload, a crash or a restarted server loses no key stroke.
const read = (key) => { try { return JSON.parse(localStorage.getItem(key)) || {}; } catch { return {}; } };
const write = (key, value) => {
  try {
    if (value) localStorage.setItem(key, JSON.stringify(value));
    else localStorage.removeItem(key);
  } catch { /* Storage is full or forbidden: the text then lives as long as the page. */ }
};

export class Buffers {
  // Without ``saves`` (a query) the text is never saved: a new base, which came with the address, then wins over what was kept.
  constructor(key, saves) {
    this.key = key;
    this.saves = saves;
    this.files = new Map();
    this.revision = null; // the one that unsaved text was written on
  }

  text(path) { return this.files.get(path)?.text; }

  // path → text, of what differs from the server's.
  changed() { return Object.fromEntries([...this.files].filter(([, file]) => file.text !== file.base).map(([path, file]) => [path, file.text])); }

  type(path, text) {
    const file = this.files.get(path);
    if (!file) return;
    file.text = text;
    this.keep();
  }

  send() {
    const texts = this.changed();
    for (const path of Object.keys(texts)) this.files.get(path).sent = texts[path];
    return texts;
  }

  // Take over the server's texts. Unsaved text stays, unless it is dropped on purpose; when the server's text changed below it, the old
  // revision stays as well, so that saving shows both.
  merge(bases, revision, drop) {
    const kept = this.files.size || !this.key ? {} : read(this.key);
    let behind = false;
    for (const path of [...this.files.keys()]) if (!(path in bases)) this.files.delete(path);
    for (const [path, base] of Object.entries(bases)) {
      const file = this.files.get(path) ?? this.restored(kept.files?.[path], base);
      const replaced = drop || (!this.saves && base && file?.base !== base);
      if (!file || replaced || file.text === file.base || file.text === base) this.files.set(path, { base, text: base });
      else if (file.base === base || file.sent === base) this.files.set(path, { ...file, base }); // untouched, or our own save while typing went on
      else {
        this.files.set(path, file);
        behind = true;
      }
    }
    if (!behind) this.revision = revision;
    else this.revision ??= kept.revision ?? revision;
    this.keep();
  }

  restored(kept, base) {
    if (!kept || this.saves) return kept;
    return { base: base ? kept.base : base, text: kept.text };
  }

  keep() {
    if (!this.key) return;
    const unsaved = [...this.files].filter(([, file]) => file.text !== file.base);
    // Queries of other windows of this browser are kept under the same key.
    const others = this.saves ? [] : Object.entries(read(this.key).files ?? {}).filter(([path]) => !this.files.has(path));
    const files = [...others, ...unsaved.map(([path, { base, text }]) => [path, { base, text }])];
    write(this.key, files.length ? { revision: this.revision, files: Object.fromEntries(files) } : null);
  }

  forget() { if (this.key) write(this.key, null); }
}
