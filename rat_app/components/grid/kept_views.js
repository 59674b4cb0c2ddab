// How a result was looked at last, by whatever names it (a tab of the Query page): kept by the browser, the oldest forgotten.
const KEY = "rat-result-views", MOST = 50;

const read = () => { try { const kept = JSON.parse(localStorage.getItem(KEY)); return Array.isArray(kept) ? kept : []; } catch { return []; } };

export const recall = (name) => (name && read().find(([known]) => known === name)?.[1]) || {};

export function remember(name, values) {
  if (!name) return;
  const others = read().filter(([known]) => known !== name);
  try { localStorage.setItem(KEY, JSON.stringify([[name, { ...recall(name), ...values }], ...others].slice(0, MOST))); } catch { /* Storage is full or forbidden: the next page begins with the rows. */ }
}
