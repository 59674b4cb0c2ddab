// The tabs of the Query page as the browser keeps them: names, what each began with, its last query. Their texts are in the editor's own buffers.
const TABS = "rat-query-tabs", MOST_CLOSED = 20;
export const TEXTS = "rat-query";

const read = (key) => { try { return JSON.parse(localStorage.getItem(key)) || {}; } catch { return {}; } };
const write = (key, value) => { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* Storage is full or forbidden: the tabs then live as long as the page. */ } };

export const pathOf = (tab) => `${tab.id}.sql`;
const fresh = () => `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;

export function newTab(tabs, given = {}) {
  const numbers = tabs.map((tab) => Number(/^Query (\d+)$/.exec(tab.name)?.[1] ?? 0));
  return { id: fresh(), name: `Query ${Math.max(0, ...numbers) + 1}`, base: "", query: "", saved: "", savedSql: "", namespace: "", ...given };
}

export function load() {
  const kept = read(TABS);
  const tabs = Array.isArray(kept.tabs) && kept.tabs.length ? kept.tabs : [newTab([])];
  return { tabs, active: tabs.some((tab) => tab.id === kept.active) ? kept.active : tabs[0].id, closed: kept.closed ?? [] };
}

export const keep = (store) => write(TABS, store);
export const isTabs = (event) => event.key === TABS;

// What is typed in a tab; ``texts`` is what the editor told last, for browsers without storage.
export const textOf = (tab, texts = {}) => read(TEXTS).files?.[pathOf(tab)]?.text ?? texts[pathOf(tab)] ?? tab.base;

export function close(store, id, texts) {
  const index = store.tabs.findIndex((tab) => tab.id === id), tab = store.tabs[index];
  const text = textOf(tab, texts), kept = read(TEXTS);
  if (kept.files) {
    delete kept.files[pathOf(tab)];
    write(TEXTS, kept);
  }
  const left = store.tabs.filter((other) => other.id !== id);
  const tabs = left.length ? left : [newTab([])];
  const active = store.active === id ? tabs[Math.min(index, tabs.length - 1)].id : store.active;
  // An empty tab is no loss.
  return { tabs, active, closed: text.trim() ? [{ ...tab, base: text }, ...store.closed].slice(0, MOST_CLOSED) : store.closed };
}

export function reopen(store) {
  const [tab, ...closed] = store.closed;
  // Under another id: the editor would take the old one's buffer for it.
  const back = { ...tab, id: fresh() };
  return { tabs: [...store.tabs, back], active: back.id, closed };
}

export const change = (store, id, values) => ({ ...store, tabs: store.tabs.map((tab) => (tab.id === id ? { ...tab, ...values } : tab)) });

// A text from elsewhere: in a tab that shows it already, in the tab on the screen when that is empty, or in a new one.
export function bring(store, { name, sql, saved, namespace }, texts) {
  const given = { base: sql, saved: saved || "", savedSql: saved ? sql : "", namespace: namespace || "", ...(name ? { name } : {}) };
  const same = store.tabs.find((tab) => (saved ? tab.saved === saved : textOf(tab, texts) === sql && sql));
  if (same) return { ...store, active: same.id };
  const tab = newTab(store.tabs, given), shown = store.tabs.find((each) => each.id === store.active);
  const blank = shown && !textOf(shown, texts).trim() && !shown.saved;
  return { ...store, tabs: blank ? store.tabs.map((each) => (each === shown ? { ...tab, name: name || shown.name } : each)) : [...store.tabs, tab], active: tab.id };
}
