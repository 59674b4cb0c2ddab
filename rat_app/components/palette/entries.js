// What the palette offers without asking the server, and what the overlay of shortcuts tells.
export const KINDS = { recent: "Recent", page: "Pages", command: "Commands", run_pipeline: "Run", pipeline: "Pipelines", table: "Tables", column: "Columns", run: "Runs", saved_query: "Saved queries", namespace: "Namespaces" };

const root = () => document.documentElement;
export function keep(name, value) {
  root().dataset[name] = value;
  try { localStorage.setItem(`rat-${name}`, value); } catch { /* Storage is full or forbidden: then it holds until the page is left. */ }
}

const command = (title, act) => ({ kind: "command", key: title, title, more: "", act });

export const commands = ({ onTheme, showKeys }) => [
  command("Dark theme", () => onTheme("dark")),
  command("Light theme", () => onTheme("light")),
  command("System theme", () => onTheme("system")),
  command("Compact tables", () => keep("density", "compact")),
  command("Comfortable tables", () => keep("density", "comfortable")),
  command("Keyboard shortcuts", showKeys),
  command("REST API documentation", () => window.location.assign("/api/v1/docs")),
];

// Every word of the text somewhere in the title; what begins with the text comes first.
export function matching(entries, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = entries.filter(({ title }) => words.every((word) => title.toLowerCase().includes(word)));
  const first = ({ title }) => (title.toLowerCase().startsWith(text.toLowerCase()) ? 0 : 1);
  return fits.sort((a, b) => first(a) - first(b));
}

export function grouped(entries) {
  const groups = new Map();
  for (const entry of entries) groups.set(entry.kind, [...(groups.get(entry.kind) ?? []), entry]);
  return [...groups].map(([kind, members]) => ({ kind, words: KINDS[kind], members }));
}

export const isMac = () => /Mac|iPhone|iPad/.test(navigator.platform);

export const shortcuts = (mod, pages) => [
  ["Everywhere", [
    [[mod, "K"], "Search and commands"], [["/"], "Search on this page"], [["?"], "These shortcuts"], [["Esc"], "Close what is open"],
    ...pages.filter(([, , key]) => key).map(([words, , key]) => [["G", key.toUpperCase()], words]),
  ]],
  ["Code and Query", [
    [[mod, "S"], "Save"], [[mod, "Enter"], "Preview, or run the query"], [[mod, "Shift", "Enter"], "Preview the part under the cursor (Code)"],
    [["Shift", "Alt", "F"], "Format (Code)"], [[mod, "F"], "Find and replace"], [[mod, "Space"], "Complete"], [["Esc"], "Leave the editor"],
  ]],
  ["Rows of a result", [[["Enter"], "Open the cell"], [["S"], "What is in the column"], [[mod, "C"], "Copy"]]],
  ["Tabs of queries", [[["F2"], "Rename"], [["Delete"], "Close"]]],
  ["Log", [[["/"], "Search the log"], [["N"], "Next error"], [["F"], "Whole window"], [["W"], "Wrap lines"]]],
];
