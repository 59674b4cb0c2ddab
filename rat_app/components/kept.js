// What is typed and not saved, in the editor, on the Query page and in forms.
//
// Each window of the browser keeps what was typed in it under a key of its own, with the server's text that it was written on (base) and that
// one's revision. No other window writes there, so that a reload, a crash, a restarted server or a second window loses no key stroke. A text
// goes when the server has it, or when a person drops it in this window. What a window held that is gone goes to the next one that opens the
// same subject, an address for example.
const WINDOW = "rat-window";
// Milliseconds that a window which closes, or on a busy machine our own page before a reload, may take to let go.
const CLOSING = 1000, RELOADING = 5000;

export const fresh = () => `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
const typed = new Map(); // subject → what was typed in this window
let own = "", stored = true;

// A window lives as long as its lock is held. One that was duplicated comes with the name of its original, which holds the lock: it takes another.
function windowName() {
  if (own || typeof window === "undefined") return own; // pages are also drawn once while they are built
  try { own = sessionStorage.getItem(WINDOW) || fresh(); } catch { own = fresh(); }
  window.addEventListener("storage", ({ key }) => { for (const [subject, files] of typed) if (!key || (key === keyOf(subject) && !filesAt(key))) keep(subject, files); });
  named(own);
  return own;
}
function named(name) {
  own = name;
  try { sessionStorage.setItem(WINDOW, name); } catch { /* Forbidden: then a reload is another window. */ }
  waited(`${WINDOW} ${name}`, RELOADING, () => new Promise(() => {}), () => { named(fresh()); for (const [subject, files] of typed) keep(subject, files); });
}
function waited(lock, patience, act, otherwise) {
  navigator.locks?.request(lock, { signal: AbortSignal.timeout(patience) }, act).catch((error) => { if (error.name !== "TimeoutError") throw error; otherwise?.(); });
}

const keyOf = (subject) => `${subject}@${windowName()}`;
function filesAt(key) {
  try {
    const { files, revision } = JSON.parse(localStorage.getItem(key));
    return Object.fromEntries(Object.entries(files).map(([name, file]) => [name, { revision, ...file }]));
  } catch { return null; }
}
// False when the browser's storage is full or forbidden: the text then lives as long as the page.
function write(key, files) {
  try {
    if (Object.keys(files).length) localStorage.setItem(key, JSON.stringify({ files }));
    else localStorage.removeItem(key);
    return true;
  } catch { return false; }
}
// The keys of other windows, the oldest text first; before there were windows, the subject itself was the key.
function others(subject) {
  const newest = (key) => Math.max(0, ...Object.values(filesAt(key) ?? {}).map(({ at }) => at ?? 0));
  try {
    const keys = Object.keys(localStorage).filter((key) => (key === subject || key.startsWith(`${subject}@`)) && key !== keyOf(subject));
    return keys.sort((a, b) => newest(a) - newest(b));
  } catch { return []; }
}

// name → { base, text, revision, at } of what was typed in this window.
export const typedHere = (subject) => typed.get(subject) ?? filesAt(keyOf(subject)) ?? {};

export function keep(subject, files) {
  typed.set(subject, files);
  stored = write(keyOf(subject), files);
}

// The same of all other windows; of several texts the newest.
export function typedElsewhere(subject) {
  const found = {};
  for (const [name, file] of others(subject).flatMap((key) => Object.entries(filesAt(key) ?? {}))) if (!found[name] || found[name].at < file.at) found[name] = file;
  return found;
}

export const isTyped = (subject, event) => !event.key || event.key.startsWith(`${subject}@`);

// Hand ``take`` what each window holds that is gone; it keeps what it takes and returns the rest. Where the browser has no locks (an address without
// TLS) every other window counts as gone; one that is not puts its texts back as soon as they are removed.
export function inherit(subject, take, newestFirst = false) {
  const keys = others(subject);
  for (const key of newestFirst ? keys.reverse() : keys) {
    const free = () => {
      const files = filesAt(key), left = files && take(files);
      if (left && stored) write(key, left);
    };
    if (navigator.locks) waited(`${WINDOW} ${key.slice(subject.length + 1)}`, CLOSING, free);
    else free();
  }
}
