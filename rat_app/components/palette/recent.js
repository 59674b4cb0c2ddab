// The objects whose pages were looked at last, kept by this browser: the palette offers them first.
const KEY = "rat-recent", KEPT = 30, SHOWN = 8;
export const STAY = 1000; // milliseconds on a page until it counts as looked at; by then it has its title, too

const read = () => { try { const kept = JSON.parse(localStorage.getItem(KEY)); return Array.isArray(kept) ? kept : []; } catch { return []; } };

// The object that a page is about, whichever of its tabs is shown; null for a list.
function objectAt(pathname, title) {
  const [section, ...parts] = pathname.split("/").filter(Boolean).map(decodeURIComponent);
  if (section === "runs" && parts.length === 1) return { title: title || parts[0], more: `Run ${parts[0]}`, to: `/runs/${parts[0]}` };
  if (!["pipelines", "explorer"].includes(section) || parts.length < 3) return null;
  return { title: parts.slice(0, 3).join("."), more: section === "pipelines" ? "Pipeline" : "Table", to: `/${section}/${parts.slice(0, 3).join("/")}` };
}

export function noteVisit() {
  const seen = objectAt(window.location.pathname, document.title.replace(/ · [^·]*$/, ""));
  if (!seen) return;
  try { localStorage.setItem(KEY, JSON.stringify([seen, ...read().filter(({ to }) => to !== seen.to)].slice(0, KEPT))); } catch { /* Storage is full or forbidden: then nothing is recent. */ }
}

// All but the one that is open, as entries of the palette.
export function recents() {
  const here = objectAt(window.location.pathname, "");
  return read().filter(({ to }) => to !== here?.to).map((seen) => ({ ...seen, kind: "recent", key: `recent ${seen.to}` }));
}

export const newest = (entries) => entries.slice(0, SHOWN);
