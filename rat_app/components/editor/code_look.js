// Colours and surfaces of the code editor, all by the portal's tokens.
import { EditorView } from "@codemirror/view";
import { HighlightStyle } from "@codemirror/language";
import { tags as t } from "@lezer/highlight";

export const COLOURS = HighlightStyle.define([
  { tag: [t.keyword, t.controlKeyword, t.definitionKeyword, t.operatorKeyword, t.modifier], color: "var(--purple)" },
  { tag: [t.string, t.special(t.string)], color: "var(--accent)" },
  { tag: [t.number, t.bool, t.null, t.atom], color: "var(--cyan)" },
  { tag: [t.comment, t.lineComment, t.blockComment], color: "var(--muted)", fontStyle: "italic" },
  { tag: [t.brace, t.special(t.variableName), t.propertyName, t.definition(t.propertyName)], color: "var(--bronze)" },
  { tag: t.typeName, color: "var(--cyan)" },
]);

const mix = (colour, percent) => `color-mix(in srgb, var(--${colour}) ${percent}%, transparent)`;

export const LOOK = EditorView.theme({
  "&": { height: "100%", color: "var(--text)", backgroundColor: "var(--surface)", fontSize: "var(--type-body)" },
  "&.cm-focused": { outline: "none" }, // code_editor.css draws the focus above the gutters
  ".cm-scroller": { fontFamily: "var(--font-mono)", lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--text)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { color: "var(--muted)", backgroundColor: "var(--surface)", borderRight: "1px solid var(--hairline)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: mix("raised", 60) },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: mix("accent", 30) },
  ".cm-selectionMatch, &.cm-focused .cm-matchingBracket": { backgroundColor: mix("cyan", 25) },
  ".cm-tooltip, .cm-panels": { color: "var(--text)", backgroundColor: "var(--raised)", border: "1px solid var(--border)", borderRadius: "2px" },
  ".cm-panels.cm-panels-top, .cm-panels.cm-panels-bottom": { border: "0", borderBlock: "1px solid var(--hairline)" },
  ".cm-tooltip-autocomplete > ul": { fontFamily: "var(--font-mono)", maxHeight: "16em" },
  ".cm-tooltip-autocomplete > ul > li": { padding: "2px 8px" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { color: "var(--on-accent)", backgroundColor: "var(--accent)" },
  ".cm-completionDetail": { fontStyle: "normal", opacity: "0.8" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-tooltip.cm-completionInfo, .cm-hover": { padding: "8px 12px", maxWidth: "420px", fontFamily: "var(--font-sans)", fontSize: "var(--type-small)", lineHeight: "1.5" },
  ".cm-hover strong": { fontFamily: "var(--font-mono)" },
  ".cm-hover .cm-hover-type": { color: "var(--cyan)", fontFamily: "var(--font-mono)" },
  ".cm-hover table": { borderSpacing: "0", marginTop: "4px", fontFamily: "var(--font-mono)" },
  ".cm-hover td": { padding: "0 16px 0 0", verticalAlign: "top" },
  ".cm-hover p": { margin: "0", overflowWrap: "anywhere" },
  ".cm-diagnostic": { fontFamily: "var(--font-sans)", fontSize: "var(--type-small)" },
  ".cm-panel.cm-search, .cm-panel.cm-dialog": { padding: "8px 32px 8px 12px", fontFamily: "var(--font-sans)", fontSize: "var(--type-small)" },
  ".cm-panel.cm-search label": { display: "inline-flex", alignItems: "center", gap: "4px", fontSize: "var(--type-small)", minHeight: "28px", margin: "2px 8px 2px 0" },
  ".cm-panel input.cm-textfield": {
    minHeight: "28px", margin: "2px 8px 2px 0", padding: "0 8px", color: "var(--text)", background: "var(--surface)", border: "1px solid var(--border)",
    borderRadius: "2px", fontFamily: "var(--font-mono)", fontSize: "var(--type-small)",
  },
  ".cm-panel .cm-button": {
    minHeight: "28px", margin: "2px 4px 2px 0", padding: "0 8px", color: "var(--text)", background: "var(--surface)", backgroundImage: "none",
    border: "1px solid var(--border)", borderRadius: "2px", fontSize: "var(--type-small)", textTransform: "capitalize",
  },
  ".cm-panel.cm-search [name=close], .cm-panel .cm-dialog-close": { top: "8px", right: "8px", width: "24px", height: "24px", color: "var(--text)", fontSize: "var(--type-lead)" },
  ".cm-panel :focus-visible": { outline: "2px solid var(--accent)", outlineOffset: "1px" },
  ".cm-searchMatch": { backgroundColor: mix("warn", 30) },
  ".cm-searchMatch-selected": { backgroundColor: mix("warn", 60) },
  "&.cm-merge-b .cm-changedLine, .cm-inlineChangedLine": { backgroundColor: mix("accent", 7) },
  "&.cm-merge-b .cm-changedText": { background: "none", boxShadow: "inset 0 -2px var(--accent)" },
  "&.cm-merge-b .cm-changedLineGutter": { background: "var(--accent)" },
  ".cm-deletedChunk": { backgroundColor: mix("danger", 5), paddingLeft: "6px" },
  ".cm-deletedChunk .cm-deletedText": { background: "none", boxShadow: "inset 0 -2px var(--danger)" },
  ".cm-deletedLineGutter": { background: "var(--danger)" },
  ".cm-deletedChunk .cm-chunkButtons": { insetInlineEnd: "8px", top: "2px" },
  ".cm-deletedChunk .cm-chunkButtons button": {
    minHeight: "24px", padding: "0 8px", color: "var(--text)", background: "var(--raised)", border: "1px solid var(--border)", borderRadius: "2px", fontSize: "var(--type-small)", cursor: "pointer",
  },
});
