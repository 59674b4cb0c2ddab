// What is in a column of a result, computed over all rows when somebody looks at it.
import { useEffect, useState } from "react";
import { Dialog } from "../../dialog/dialog.jsx";
import { formatNumber } from "../../format/format.jsx";
import { said, share } from "./values.js";

const AT_ONCE = 2;
const waiting = [];
let going = 0;

// A result of many columns is not asked about all of them at the same time.
function next() {
  while (going < AT_ONCE && waiting.length) {
    going++;
    waiting.shift()().finally(() => { going--; next(); });
  }
}

export function useStatistics(url, column, onGone) {
  const [told, setTold] = useState({});
  useEffect(() => {
    setTold({});
    if (column === null || !url) return undefined;
    const leave = new AbortController();
    waiting.push(async () => {
      if (leave.signal.aborted) return;
      try {
        const answer = await fetch(url.replace(/rows$/, `columns/${column}/statistics`), { signal: leave.signal });
        if (answer.status === 404) return onGone();
        const body = await answer.json();
        if (!answer.ok) throw new Error(body.error?.message || `HTTP ${answer.status}`);
        setTold({ found: body });
      } catch (error) { if (!leave.signal.aborted) setTold({ problem: error.message }); }
    });
    next();
    return () => leave.abort();
  }, [url, column]);
  return told;
}

export const value = (given) => (given === null || given === undefined ? "–" : said(given));
export const nulls = (found) => (found.nulls ? `${formatNumber(found.nulls)} (${share(found.nulls, found.rows)})` : "none");
export const distinct = (found) => (found.distinct === null ? "not counted" : formatNumber(found.distinct));

// The whole in one sentence, for those who do not see the figures.
const inWords = (found) => `${found.column.name}: ${formatNumber(found.rows)} ${found.rows === 1 ? "row" : "rows"}, NULL ${nulls(found)}, distinct values ${distinct(found)}, from ${value(found.least)} to ${value(found.most)}.`;

const parts = (found) => (found.bins.length ? found.bins.map(({ low, high, row_count }) => [found.bins.length > 1 ? `${value(low)} … ${value(high)}` : value(low), row_count]) : found.common.map(({ value: each, row_count }) => [value(each), row_count]));

// Small bars: of a histogram they touch, of single values they stand apart.
export function Spread({ found }) {
  const bars = parts(found), most = Math.max(...bars.map(([, count]) => count), 1), wide = 100 / Math.max(bars.length, 1);
  if (!bars.length) return <span className="muted">{found.distinct !== null && found.distinct + found.nulls === found.rows ? "all different" : "–"}</span>;
  const [name, count] = bars.reduce((best, each) => (each[1] > best[1] ? each : best));
  return (
    <svg className="spread" viewBox="0 0 100 28" preserveAspectRatio="none" role="img" aria-label={`${found.bins.length ? "Histogram" : "Most common values"}: most rows, ${formatNumber(count)}, at ${name}`}>
      {bars.map(([, each], i) => {
        const high = each ? Math.max((each / most) * 28, 1) : 0;
        return <rect key={i} x={i * wide} y={28 - high} width={Math.max(wide - (found.bins.length ? 0.6 : 2), 0.5)} height={high} />;
      })}
    </svg>
  );
}

function Facts({ found }) {
  const facts = [["Rows", formatNumber(found.rows)], ["NULL", nulls(found)], ["Distinct values", distinct(found)], ["Least", value(found.least)], ["Greatest", value(found.most)], ...(found.mean === null ? [] : [["Mean", value(found.mean)]])];
  const bars = parts(found), most = Math.max(...bars.map(([, count]) => count), 1);
  return (
    <>
      <dl className="column-facts">{facts.map(([words, fact]) => <div key={words}><dt>{words}</dt><dd className="number">{fact}</dd></div>)}</dl>
      {bars.length > 0 && (
        <div className="table-scroll column-parts" tabIndex={0} role="group" aria-label="How the values are spread">
          <table className="table">
            <caption className="unseen">{found.bins.length ? "How the values are spread" : "The most common values"}</caption>
            <thead><tr><th scope="col">{found.bins.length ? "From … to" : "Value"}</th><th scope="col" className="number">Rows</th><th scope="col" className="number">Share</th><th scope="col"><span className="unseen">Bar</span></th></tr></thead>
            <tbody>{bars.map(([name, count], i) => (
              <tr key={i}><td className="name column-value">{name}</td><td className="number">{formatNumber(count)}</td><td className="number">{share(count, found.rows)}</td>
                <td className="column-bar" aria-hidden="true"><svg width="100%" height="10"><rect width={`${(count / most) * 100}%`} height="10" /></svg></td></tr>
            ))}</tbody>
          </table>
        </div>
      )}
    </>
  );
}

export function ColumnDialog({ url, column, onGone, onClose }) {
  const { found, problem } = useStatistics(url, column, onGone);
  return (
    <Dialog open={column !== null} title={found?.column.name ?? "Column"} onClose={onClose}>
      <p role="status" className={found ? "unseen" : "muted"}>{found ? inWords(found) : problem ? "" : "Looking at all rows …"}</p>
      {problem && <p role="alert">{problem}</p>}
      {found && <><div className="row column-head"><code className="muted">{found.column.type}</code><Spread found={found} /></div><Facts found={found} /></>}
      <div className="dialog-foot"><button type="button" className="button button-primary" onClick={onClose}>Close</button></div>
    </Dialog>
  );
}
