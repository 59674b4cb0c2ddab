// CodeMirror 6 as one small object. Imported on demand: when this file cannot be loaded, code_editor.jsx keeps its text area.
import { EditorState, Compartment, EditorSelection, Prec } from "@codemirror/state";
import { EditorView, keymap, lineNumbers, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, drawSelection } from "@codemirror/view";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { syntaxHighlighting, indentOnInput, bracketMatching } from "@codemirror/language";
import { autocompletion, closeCompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { searchKeymap, highlightSelectionMatches, openSearchPanel, search } from "@codemirror/search";
import { diff, unifiedMergeView } from "@codemirror/merge";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { sql, PostgreSQL, SQLDialect } from "@codemirror/lang-sql";
import { jinja } from "@codemirror/lang-jinja";
import { yaml } from "@codemirror/lang-yaml";
import { complete, explaining } from "./code_words.js";
import { COLOURS, LOOK } from "./code_look.js";

// The words of a query in DuckDB: what is coloured, and what is offered while one types.
const KEYWORDS = `all and any array as asc asof between by case cast collate columns cross cube current current_date current_time current_timestamp
  desc describe distinct else end escape except exclude exists explain extract false fetch filter first following for from full group grouping groups having
  ignore ilike in inner intersect interval into is isnull join lambda last lateral left like limit list macro map materialized natural next not notnull null
  nulls offset on only or order ordinality outer over overlaps partition pivot positional preceding qualify range recursive rename repeatable replace respect
  right rollup row rows sample select semi anti sets show similar some struct summarize symmetric table tablesample then ties to trailing true try_cast
  unbounded union unknown unpivot using values when where window with within without zone at analyze bernoulli reservoir percent include name`;
const DuckDB = SQLDialect.define({ ...PostgreSQL.spec, keywords: KEYWORDS });
// Tables with columns as lang-sql wants them: by layer and, fully named, by namespace.
function schemaOf(catalog) {
  const schema = {};
  for (const { namespace, layer, name, columns } of catalog) {
    schema[layer] ??= {};
    schema[namespace] ??= {};
    schema[layer][name] = columns.map((column) => ({ label: column.name, detail: column.type, type: "property" }));
    schema[namespace][layer] = schema[layer];
  }
  return schema;
}

function language(path, known, templated) {
  const source = [{ autocomplete: complete(path, known) }]; // made once: CodeMirror tells completion sources apart by identity
  const own = EditorState.languageData.of(() => source);
  if (path.endsWith(".yaml")) return [yaml(), own];
  const plain = sql({ dialect: DuckDB, schema: schemaOf(known.catalog || []), upperCaseKeywords: true });
  return templated ? [jinja({ base: plain }), own] : plain;
}

function range(doc, line, column) {
  const at = doc.line(Math.min(Math.max(line, 1), doc.lines));
  const from = Math.min(at.from + Math.max(column - 1, 0), at.to);
  const word = /^(?:'[^']*'|"[^"]*"|[\w.]+)/.exec(doc.sliceString(from, at.to));
  return { from, to: Math.min(from + (word ? word[0].length : 1), at.to) };
}

export function mountEditor(parent, { label, describedBy, templated, onText, onKey }) {
  const lang = new Compartment(), merge = new Compartment();
  const states = new Map();
  const known = {};
  let open = "", original = null;
  const act = (name) => (target) => { closeCompletion(target); onKey(name); return true; };
  const keys = [["Mod-s", "save"], ["Mod-Enter", "submit"], ...(templated ? [["Mod-Shift-Enter", "submitPart"], ["Shift-Alt-f", "format"]] : [])];
  const fixed = [
    lineNumbers(), highlightActiveLineGutter(), highlightSpecialChars(), history(), drawSelection(), EditorState.allowMultipleSelections.of(true),
    indentOnInput(), bracketMatching(), closeBrackets(), autocompletion({ icons: false }), highlightActiveLine(), highlightSelectionMatches(), lintGutter(),
    search({ top: true }), explaining(() => open, () => known),
    syntaxHighlighting(COLOURS), LOOK, EditorView.contentAttributes.of({ "aria-label": label, "aria-describedby": describedBy, tabindex: "0" }),
    Prec.high(keymap.of(keys.map(([key, name]) => ({ key, preventDefault: true, run: act(name) })))),
    keymap.of([...closeBracketsKeymap, ...completionKeymap, ...searchKeymap, ...historyKeymap, ...defaultKeymap, indentWithTab]),
    // Last, so that Escape first closes a completion list or the search panel.
    Prec.lowest(keymap.of([{ key: "Escape", run: (v) => { v.contentDOM.blur(); return true; } }])),
    EditorView.updateListener.of((update) => { if (update.docChanged) onText(update.state.doc.toString()); }),
  ];
  // One way only: what was changed can be brought back; the released version itself never changes.
  const revert = (type, action) => type === "accept" ? document.createElement("span") : Object.assign(document.createElement("button"), {
    type: "button", textContent: "Revert", title: "Bring the released text back", onmousedown: action,
  });
  const merged = () => (original === null ? [] : unifiedMergeView({ original, mergeControls: revert, gutter: true }));
  const fresh = (path, text) => EditorState.create({ doc: text, extensions: [fixed, lang.of(language(path, known, templated)), merge.of([])] });
  const view = new EditorView({ parent, state: fresh("", "") });
  return {
    show(path, text) {
      if (path === open && view.state.doc.toString() === text) return;
      if (open) states.set(open, view.state);
      const kept = states.get(path);
      open = path;
      view.coordsAtPos(0); // measures what is still to be measured: places in the text before may not be in the next one
      view.setState(kept && kept.doc.toString() === text ? kept : fresh(path, text));
      view.dispatch({ effects: [lang.reconfigure(language(path, known, templated)), merge.reconfigure(merged())] });
    },
    // ``known`` stays the same object: the completion sources of every open file read it when they are asked.
    learn(more) {
      const catalog = known.catalog;
      Object.assign(known, more);
      if (catalog !== known.catalog) view.dispatch({ effects: lang.reconfigure(language(open, known, templated)) });
    },
    // Show what differs from ``text``, or nothing of that any more.
    compare(text) { original = text; view.dispatch({ effects: merge.reconfigure(merged()) }); },
    // Make the text another one by the fewest changes, so that cursor and undo survive.
    replace(text) {
      const before = view.state.doc.toString();
      view.dispatch({ changes: diff(before, text).map(({ fromA, toA, fromB, toB }) => ({ from: fromA, to: toA, insert: text.slice(fromB, toB) })), userEvent: "format" });
    },
    find() { openSearchPanel(view); },
    selection() {
      const { from, to } = view.state.selection.main, line = view.state.doc.lineAt(from);
      return { text: view.state.sliceDoc(from, to), line: line.number, column: from - line.from + 1 };
    },
    insert(text) { view.dispatch(view.state.replaceSelection(text)); view.focus(); },
    mark(problems) {
      const found = problems.map((p) => ({ ...range(view.state.doc, p.line, p.column), severity: p.severity === "error" ? "error" : "warning", message: [p.message, p.hint].filter(Boolean).join(" ") }));
      view.dispatch(setDiagnostics(view.state, found));
    },
    jump(line, column) {
      const { from } = range(view.state.doc, line, column);
      view.dispatch({ selection: EditorSelection.cursor(from), effects: EditorView.scrollIntoView(from, { y: "center" }) });
      view.focus();
    },
    destroy() { view.destroy(); },
  };
}
