// CodeMirror 6 as one small object. Imported on demand: when this file cannot be loaded, code_editor.jsx keeps its text area.
import { EditorState, Compartment, EditorSelection, Prec } from "@codemirror/state";
import { EditorView, keymap, lineNumbers, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, drawSelection } from "@codemirror/view";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { syntaxHighlighting, HighlightStyle, indentOnInput, bracketMatching } from "@codemirror/language";
import { autocompletion, closeCompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { searchKeymap, highlightSelectionMatches } from "@codemirror/search";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { sql, PostgreSQL, SQLDialect } from "@codemirror/lang-sql";
import { jinja } from "@codemirror/lang-jinja";
import { yaml } from "@codemirror/lang-yaml";
import { tags as t } from "@lezer/highlight";

const DuckDB = SQLDialect.define({
  ...PostgreSQL.spec,
  keywords: `${PostgreSQL.spec.keywords} qualify pivot unpivot exclude asof positional anti semi summarize describe macro sample struct map list`,
});
const words = (text, type) => text.split(" ").map((label) => ({ label, type }));
const HELPERS = words("ref landing_zone is_incremental", "function").concat(words("this run_started_at run_id", "variable"));
const ANNOTATIONS = words("description: materialized: merge_strategy: owner: tags: severity: remediation:", "property");
const VALUES = { merge_strategy: "full_refresh append_only", materialized: "table", severity: "error warn" };
const KEYS = { "config.yaml": "description: materialized: merge_strategy: owner: tags:", "table.yaml": "description: columns: name:" };

const COLOURS = HighlightStyle.define([
  { tag: [t.keyword, t.controlKeyword, t.definitionKeyword, t.operatorKeyword, t.modifier], color: "var(--purple)" },
  { tag: [t.string, t.special(t.string)], color: "var(--accent)" },
  { tag: [t.number, t.bool, t.null, t.atom], color: "var(--cyan)" },
  { tag: [t.comment, t.lineComment, t.blockComment], color: "var(--muted)", fontStyle: "italic" },
  { tag: [t.brace, t.special(t.variableName), t.propertyName, t.definition(t.propertyName)], color: "var(--bronze)" },
  { tag: t.typeName, color: "var(--cyan)" },
]);
const LOOK = EditorView.theme({
  "&": { height: "100%", color: "var(--text)", backgroundColor: "var(--surface)", fontSize: "var(--type-body)" },
  "&.cm-focused": { outline: "none" }, // code_editor.css draws the focus above the gutters
  ".cm-scroller": { fontFamily: "var(--font-mono)", lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--text)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { color: "var(--muted)", backgroundColor: "var(--surface)", borderRight: "1px solid var(--hairline)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--raised) 60%, transparent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "color-mix(in srgb, var(--accent) 30%, transparent)" },
  ".cm-selectionMatch, &.cm-focused .cm-matchingBracket": { backgroundColor: "color-mix(in srgb, var(--cyan) 25%, transparent)" },
  ".cm-tooltip, .cm-panels": { color: "var(--text)", backgroundColor: "var(--raised)", border: "1px solid var(--border)", borderRadius: "2px" },
  ".cm-tooltip-autocomplete > ul": { fontFamily: "var(--font-mono)" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { color: "var(--on-accent)", backgroundColor: "var(--accent)" },
  ".cm-diagnostic": { fontFamily: "var(--font-sans)", fontSize: "var(--type-small)" },
  ".cm-panel input, .cm-panel button": { color: "var(--text)", background: "var(--surface)", border: "1px solid var(--border)", fontSize: "var(--type-small)" },
});

// What the names before the cursor ask for: a table in ref('…'), a zone in landing_zone('…'), an annotation, a key.
function complete(path, names) {
  return (context) => {
    const before = context.state.sliceDoc(context.state.doc.lineAt(context.pos).from, context.pos);
    const offer = (match, options) => match && options.length ? { from: context.pos - match[1].length, options, validFor: /^[\w.]*$/ } : null;
    const value = /^--\s*@(\w+):\s*(\w*)$/.exec(before);
    return offer(/\bref\(\s*['"]([\w.]*)$/.exec(before), (names.tables || []).map((label) => ({ label, type: "class" })))
      || offer(/\blanding_zone\(\s*['"]([\w.]*)$/.exec(before), (names.zones || []).map((label) => ({ label, type: "class" })))
      || offer(/^--\s*@(\w*)$/.exec(before), ANNOTATIONS)
      || (value && VALUES[value[1]] ? offer([0, value[2]], words(VALUES[value[1]], "enum")) : null)
      || (KEYS[path] ? offer(/^\s*(?:- )?(\w+)$/.exec(before), words(KEYS[path], "property")) : null);
  };
}

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

function language(path, names, templated) {
  const source = [{ autocomplete: complete(path, names) }]; // made once: CodeMirror tells completion sources apart by identity
  const own = EditorState.languageData.of(() => source);
  if (path.endsWith(".yaml")) return [yaml(), own];
  const plain = sql({ dialect: DuckDB, schema: schemaOf(names.catalog || []), upperCaseKeywords: true });
  return templated ? [jinja({ base: plain, variables: HELPERS }), own] : plain;
}

function range(doc, line, column) {
  const at = doc.line(Math.min(Math.max(line, 1), doc.lines));
  const from = Math.min(at.from + Math.max(column - 1, 0), at.to);
  const word = /^(?:'[^']*'|"[^"]*"|[\w.]+)/.exec(doc.sliceString(from, at.to));
  return { from, to: Math.min(from + (word ? word[0].length : 1), at.to) };
}

export function mountEditor(parent, { label, describedBy, templated, onText, onKey }) {
  const lang = new Compartment();
  const states = new Map();
  let open = "", names = {};
  const act = (name) => (target) => { closeCompletion(target); onKey(name); return true; };
  const fixed = [
    lineNumbers(), highlightActiveLineGutter(), highlightSpecialChars(), history(), drawSelection(), EditorState.allowMultipleSelections.of(true),
    indentOnInput(), bracketMatching(), closeBrackets(), autocompletion({ icons: false }), highlightActiveLine(), highlightSelectionMatches(), lintGutter(),
    syntaxHighlighting(COLOURS), LOOK, EditorView.contentAttributes.of({ "aria-label": label, "aria-describedby": describedBy, tabindex: "0" }),
    Prec.high(keymap.of([{ key: "Mod-s", preventDefault: true, run: act("save") }, { key: "Mod-Enter", preventDefault: true, run: act("submit") }])),
    keymap.of([...closeBracketsKeymap, ...completionKeymap, ...searchKeymap, ...historyKeymap, ...defaultKeymap, indentWithTab]),
    // Last, so that Escape first closes a completion list or the search panel.
    Prec.lowest(keymap.of([{ key: "Escape", run: (v) => { v.contentDOM.blur(); return true; } }])),
    EditorView.updateListener.of((update) => { if (update.docChanged) onText(update.state.doc.toString()); }),
  ];
  const fresh = (path, text) => EditorState.create({ doc: text, extensions: [fixed, lang.of(language(path, names, templated))] });
  const view = new EditorView({ parent, state: fresh("", "") });
  return {
    show(path, text) {
      if (path === open && view.state.doc.toString() === text) return;
      if (open) states.set(open, view.state);
      const kept = states.get(path);
      open = path;
      view.setState(kept && kept.doc.toString() === text ? kept : fresh(path, text));
      view.dispatch({ effects: lang.reconfigure(language(path, names, templated)) });
    },
    learn(known) { names = known; view.dispatch({ effects: lang.reconfigure(language(open, names, templated)) }); },
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
