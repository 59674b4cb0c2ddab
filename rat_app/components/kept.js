// What is typed into a form and not saved, kept in the tab's storage: a reload, a crash or a restarted server loses none of it.
const name = (key) => `rat-typed ${key}`;

export function typed(key) {
  try { return JSON.parse(sessionStorage.getItem(name(key))); } catch { return null; }
}

// Without a value it is forgotten.
export function keep(key, value) {
  try {
    if (value) sessionStorage.setItem(name(key), JSON.stringify(value));
    else sessionStorage.removeItem(name(key));
  } catch { /* Storage is full or forbidden: the text then lives as long as the page. */ }
}
