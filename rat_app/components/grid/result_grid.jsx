// A query's result: its rows, what is in its columns, a chart of it. All but the rows is loaded when it is opened.
import { Suspense, lazy, useEffect, useRef, useState } from "react";
import { tabKeys } from "../../tabs/tab_keys.js";
import { CopyRows } from "./copy_rows.jsx";
import { recall, remember } from "./kept_views.js";
import { COLUMN_KEY, NOTHING, Rows } from "./rows.jsx";
import { ColumnDialog } from "./statistics.jsx";
import "./result_grid.css";

const Columns = lazy(() => import("./columns.jsx"));
const Chart = lazy(() => import("../../chart/chart_view/chart_view.jsx"));
const VIEWS = [["rows", "Rows"], ["columns", "Statistics"], ["chart", "Chart"]];

function Views({ shown, onShow }) {
  return (
    <div className="tabs" role="tablist" aria-label="Views of the result" onKeyDown={tabKeys}>
      {VIEWS.map(([view, words]) => (
        <button key={view} type="button" role="tab" className="tab" aria-selected={view === shown} tabIndex={view === shown ? 0 : -1} onClick={() => onShow(view)}>{words}</button>
      ))}
    </div>
  );
}

function ColumnButton({ name, onOpen }) {
  return <button type="button" className="result-way result-column" aria-haspopup="dialog" aria-keyshortcuts={COLUMN_KEY.toUpperCase()} title="Distinct values, NULLs and a histogram (S)" onClick={onOpen}>What is in <code>{name}</code></button>;
}

export function ResultGrid({ url, columns, rows, label, keptAs, onProblem, onAgain, children }) {
  const host = useRef(null);
  const [view, setView] = useState("rows");
  const [selection, setSelection] = useState(NOTHING);
  const [column, setColumn] = useState(null);
  const [gone, setGone] = useState("");
  useEffect(() => { setSelection(NOTHING); setColumn(null); }, [url]);
  useEffect(() => setView(VIEWS.some(([known]) => known === recall(keptAs).view) ? recall(keptAs).view : "rows"), [keptAs]);
  const pick = (chosen) => { setView(chosen); remember(keptAs, { view: chosen }); };
  const heads = columns || [], onGone = () => setGone(url);
  // The first before one is chosen: what comes and goes with the grid's own focus would never be met by the Tab key.
  const at = selection.current?.cell[0] ?? 0, chosen = heads[at];
  if (gone && gone === url) return (
    <div className="empty" role="status">
      <p>The rows of this query are no longer kept: old results are removed.</p>
      {onAgain && <button type="button" className="button button-primary" onClick={() => onAgain()}>Run again</button>}
    </div>
  );
  return (
    <div ref={host} className="result-grid" role="group" aria-label={label} data-rows={rows}>
      <div className="result-bar">
        <Views shown={view} onShow={pick} />
        {view === "rows" && <CopyRows url={url} columns={heads} rows={rows} range={selection.current?.range} host={host} onProblem={onProblem} />}
        {view === "rows" && chosen && <ColumnButton name={chosen.name} onOpen={() => setColumn(at)} />}
        {children}
      </div>
      <div className={view === "rows" ? "result-rows" : "result-view"} role="tabpanel" aria-label={VIEWS.find(([known]) => known === view)[1]}>
        {view === "rows" && <Rows url={url} columns={heads} rows={rows} selection={selection} onSelect={setSelection} onColumn={setColumn} onGone={onGone} onProblem={onProblem} />}
        <Suspense fallback={<p className="muted result-wait" role="status">Loading …</p>}>
          {view === "columns" && <Columns key={url} url={url} columns={heads} onColumn={setColumn} onGone={onGone} />}
          {view === "chart" && <Chart key={keptAs} url={url} columns={heads} keptAs={keptAs} onGone={onGone} />}
        </Suspense>
      </div>
      <ColumnDialog url={url} column={column} onGone={onGone} onClose={() => setColumn(null)} />
    </div>
  );
}
