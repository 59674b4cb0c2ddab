// The rows of a query's result, drawn on a canvas. Only windows of rows are fetched, by REST under the query's id; none live in state.
import { useEffect, useMemo, useRef, useState } from "react";
import DataEditor, { CompactSelection, GridCellKind } from "@glideapps/glide-data-grid";
import "@glideapps/glide-data-grid/dist/index.css";
import { PAGE, taken, windowOf } from "./ahead.js";
import { CellView } from "./cell_view.jsx";
import { isNumber, separated, show } from "./values.js";

const KEEP = 40, AGAIN = 2000; // pages, milliseconds until a window that failed is asked for again
export const COLUMN_KEY = "s";
export const NOTHING = { columns: CompactSelection.empty(), rows: CompactSelection.empty() };

// Glide draws on a canvas, which knows no CSS variables: they are read from the page, and again whenever its theme changes.
function readTheme() {
  const style = getComputedStyle(document.documentElement);
  const token = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    accentColor: token("accent"), accentFg: token("on-accent"), accentLight: `${token("accent")}26`,
    textDark: token("text"), textMedium: token("muted"), textLight: token("muted"), textHeader: token("muted"), textHeaderSelected: token("on-accent"),
    bgCell: token("surface"), bgCellMedium: token("raised"), bgHeader: token("raised"), bgHeaderHasFocus: token("raised"), bgHeaderHovered: token("raised"),
    bgSearchResult: `${token("warn")}40`, borderColor: `${token("border")}40`, linkColor: token("cyan"), headerBottomBorderColor: `${token("border")}80`,
    fontFamily: token("font-mono"), baseFontStyle: "13px", headerFontStyle: "600 13px", markerFontStyle: "12px", editorFontSize: "13px", cellHorizontalPadding: 10,
  };
}

function useTheme() {
  const [theme, setTheme] = useState(null);
  useEffect(() => {
    const read = () => setTheme(readTheme());
    const watch = new MutationObserver(read);
    watch.observe(document.documentElement, { attributes: true, attributeFilter: ["class", "style", "data-theme"] });
    document.fonts.ready.then(read); // a canvas draws with a font only once it is there
    read();
    return () => watch.disconnect();
  }, []);
  return theme;
}

// What a cell looks like: null dim and italic, '' visible, numbers to the right.
function cell(value, type, amount, theme) {
  const dim = { textDark: theme.textMedium, baseFontStyle: "italic 13px" };
  const numeric = isNumber(type);
  const base = { kind: GridCellKind.Text, allowOverlay: false, readonly: true, contentAlign: numeric ? "right" : "left" };
  if (value === null || value === undefined) return { ...base, data: "null", displayData: "null", copyData: "", themeOverride: dim };
  if (value === "") return { ...base, data: "''", displayData: "''", copyData: "", themeOverride: dim };
  const text = numeric ? separated(show(value), amount) : show(value);
  return { ...base, data: text, displayData: text.length > 400 ? `${text.slice(0, 400)}…` : text.replaceAll("\n", "⏎ "), copyData: text };
}

export function Rows({ url, columns, rows, selection, onSelect, onColumn, onGone, onProblem }) {
  const grid = useRef(null), pages = useRef(new Map());
  const [widths, setWidths] = useState({});
  const [first, setFirst] = useState([]);
  const [opened, setOpened] = useState(null);
  const theme = useTheme();
  useEffect(() => { pages.current = new Map(); setWidths({}); setFirst([]); setOpened(null); if (url && rows) load(0); }, [url]);

  const draw = (p, count) => grid.current?.updateCells(Array.from({ length: count }).flatMap((_, r) => columns.map((__, c) => ({ cell: [c, p * PAGE + r] }))));
  const load = (p) => {
    const held = pages.current;
    if (held.has(p)) return;
    held.set(p, null);
    (p ? Promise.resolve() : taken(url)).then((found) => found ?? fetch(windowOf(url, p))).then(async (answer) => {
      const body = await answer.json();
      if (answer.status === 404) return onGone();
      if (!answer.ok) throw new Error(body.error?.message || `HTTP ${answer.status}`);
      held.set(p, body.rows);
      if (p === 0) setFirst(body.rows.slice(0, 50));
      if (held.size > KEEP) held.delete(held.keys().next().value);
      if (held === pages.current) draw(p, body.rows.length);
    }).catch((error) => {
      onProblem?.(error.message);
      // Not at once: what is told draws the grid anew, which would ask in the same moment.
      setTimeout(() => { held.delete(p); if (held === pages.current) draw(p, Math.min(PAGE, rows - p * PAGE)); }, AGAIN);
    });
  };

  // Among larger numbers one of four digits is no year.
  const amounts = useMemo(() => (columns || []).map((_, c) => first.some((row) => Math.abs(Number(row[c])) >= 10_000)), [columns, first]);

  const heads = useMemo(() => (columns || []).map(({ name, type }, c) => {
    const longest = first.reduce((most, row) => Math.max(most, row[c] === null ? 4 : show(row[c]).length), Math.max(name.length + 5, 6));
    return { id: `${c}`, title: name, width: widths[c] ?? Math.min(longest * 8 + 24, 360), type, hasMenu: true };
  }), [columns, widths, first]);

  const content = ([c, r]) => {
    const p = Math.floor(r / PAGE), page = pages.current.get(p);
    if (!page) { load(p); return { kind: GridCellKind.Loading, allowOverlay: false }; }
    return cell(page[r - p * PAGE]?.[c], columns[c].type, amounts[c], theme);
  };
  const open = ([c, r]) => {
    const page = pages.current.get(Math.floor(r / PAGE));
    if (page) setOpened({ value: page[r % PAGE]?.[c], name: columns[c].name, type: columns[c].type, row: r });
  };
  // S, as long as a cell is chosen: the heads themselves are drawn and take no focus.
  const pressed = (event) => {
    if (event.key.toLowerCase() !== COLUMN_KEY || event.ctrlKey || event.metaKey || event.altKey || !selection.current) return;
    event.cancel();
    onColumn(selection.current.cell[0]);
  };
  return (
    <>
      {theme && heads.length > 0 && (
        <DataEditor ref={grid} width="100%" height="100%" columns={heads} rows={rows} getCellContent={content} theme={theme} rowHeight={28} headerHeight={32}
          rowMarkers={{ kind: "number" }} getCellsForSelection={true} rangeSelect="rect" columnSelect="none" rowSelect="none" smoothScrollX smoothScrollY
          gridSelection={selection} onGridSelectionChange={onSelect} onCellActivated={open} onHeaderClicked={onColumn} onHeaderMenuClick={onColumn} onKeyDown={pressed}
          onColumnResize={(_, width, c) => setWidths((now) => ({ ...now, [c]: width }))} />
      )}
      <CellView cell={opened} onClose={() => { setOpened(null); grid.current?.focus(); }} />
    </>
  );
}
