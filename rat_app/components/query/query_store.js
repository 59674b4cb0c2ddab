// The tabs of the Query page as the browser keeps them: names, what each began with, its last query. All windows share them; their texts are kept
// by the window in which they are typed.
import { fresh, inherit, typedElsewhere, typedHere } from "../../guarded_form/kept.js";

const TABS = "rat-query-tabs", MOST_CLOSED = 20;
export const TEXTS = "rat-query";

const read = (key) => { try { return JSON.parse(localStorage.getItem(key)) || {}; } catch { return {}; } };
const write = (key, value) => { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* Storage is full or forbidden: the tabs then live as long as the page. */ } };

export const pathOf = (tab) => `${tab.id}.sql`;

export function newTab(tabs, given = {}) {
  const numbers = tabs.map((tab) => Number(/^Query (\d+)$/.exec(tab.name)?.[1] ?? 0));
  return { id: fresh(), name: `Query ${Math.max(0, ...numbers) + 1}`, base: "", query: "", saved: "", savedSql: "", namespace: "", ...given };
}

// What every window has; ``active`` is this one's choice, where it has made one.
export function load(active) {
  const kept = read(TABS), tabs = Array.isArray(kept.tabs) && kept.tabs.length ? kept.tabs : [newTab([])];
  const wanted = [active, kept.active].find((id) => tabs.some((tab) => tab.id === id));
  return { tabs, active: wanted ?? tabs[0].id, closed: kept.closed ?? [] };
}

// With the tabs of ``before`` that are gone from ``store`` although something is typed in them here; but not those that were closed with that text.
export function withTyped(store, before) {
  const here = typedHere(TEXTS), text = (tab) => here[pathOf(tab)]?.text ?? "";
  const back = before.tabs.filter((tab) => text(tab).trim() && !store.tabs.some(({ id }) => id === tab.id) && !store.closed.some(({ base }) => base === text(tab)));
  return back.length ? { ...store, tabs: [...store.tabs, ...back], active: back.find(({ id }) => id === before.active)?.id ?? store.active } : store;
}

export const keep = (store) => write(TABS, store);
export const isTabs = (event) => event.key === TABS;

// What a tab shows before anything is typed in it here: what another window typed there, or what it began with.
export function bases(tabs) {
  const elsewhere = typedElsewhere(TEXTS);
  return Object.fromEntries(tabs.map((tab) => [pathOf(tab), elsewhere[pathOf(tab)]?.text ?? tab.base]));
}
export const textOf = (tab) => typedHere(TEXTS)[pathOf(tab)]?.text ?? bases([tab])[pathOf(tab)];

export function close(store, id) {
  const index = store.tabs.findIndex((tab) => tab.id === id), tab = store.tabs[index], text = textOf(tab);
  const left = store.tabs.filter((other) => other.id !== id);
  const tabs = left.length ? left : [newTab([])];
  const active = store.active === id ? tabs[Math.min(index, tabs.length - 1)].id : store.active;
  // An empty tab is no loss.
  return { tabs, active, closed: text.trim() ? [{ ...tab, base: text }, ...store.closed].slice(0, MOST_CLOSED) : store.closed };
}

export function reopen(store) {
  const [tab, ...closed] = store.closed;
  // Under another id: the editor would take the old one's text for it.
  const back = { ...tab, id: fresh() };
  return { tabs: [...store.tabs, back], active: back.id, closed };
}

export const change = (store, id, values) => ({ ...store, tabs: store.tabs.map((tab) => (tab.id === id ? { ...tab, ...values } : tab)) });

// A text from elsewhere: in a tab that shows it already, in the tab on the screen when that is empty, or in a new one.
export function bring(store, { name, sql, saved, namespace }) {
  const given = { base: sql, saved: saved || "", savedSql: saved ? sql : "", namespace: namespace || "", ...(name ? { name } : {}) };
  const same = store.tabs.find((tab) => (saved ? tab.saved === saved : textOf(tab) === sql && sql));
  if (same) return { ...store, active: same.id };
  const tab = newTab(store.tabs, given), shown = store.tabs.find((each) => each.id === store.active);
  const blank = shown && !textOf(shown).trim() && !shown.saved;
  return { ...store, tabs: blank ? store.tabs.map((each) => (each === shown ? { ...tab, name: name || shown.name } : each)) : [...store.tabs, tab], active: tab.id };
}

// What windows that are gone typed becomes what the tabs begin with; ``put`` gets the change. All of it is taken, so nothing is left to return.
export const takeOver = (put) => inherit(TEXTS, (files) => {
  put((store) => Object.entries(files).sort(([, a], [, b]) => (a.at ?? 0) - (b.at ?? 0)).reduce(took, store));
  return {};
});
function took(store, [path, { base, text }]) {
  const tab = store.tabs.find((each) => pathOf(each) === path), here = typedHere(TEXTS)[path];
  const known = [...(tab ? [here?.base, here?.text] : []), ...store.tabs.map((each) => each.base), ...store.closed.map((each) => each.base)];
  if (!text.trim() || known.includes(text)) return store;
  if (!tab) return { ...store, closed: [...store.closed, newTab(store.tabs, { base: text })] };
  if (!here && tab.base === base) return change(store, tab.id, { base: text });
  return { ...store, tabs: [...store.tabs, newTab(store.tabs, { base: text, namespace: tab.namespace })] };
}

// The tabs when the page opens, and what was typed here in one that another window closed meanwhile.
export const found = () => Object.entries(typedHere(TEXTS)).reduce(took, load());
