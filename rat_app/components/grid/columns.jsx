// The columns of a result, each with what is in it; a column is asked about once it is on the screen.
import { useEffect, useRef, useState } from "react";
import { formatNumber } from "../../format/format.jsx";
import { Spread, distinct, nulls, useStatistics, value } from "./statistics.jsx";

const MOST = 200;
// Both ends are to be seen; the whole of them is in the title.
const brief = (text) => (text.length > 14 ? `${text.slice(0, 13)}…` : text);

function Column({ url, column, name, type, onColumn, onGone }) {
  const row = useRef(null);
  const [seen, setSeen] = useState(false);
  const { found, problem } = useStatistics(url, seen ? column : null, onGone);
  useEffect(() => {
    const watch = new IntersectionObserver(([entry]) => { if (entry.isIntersecting) { setSeen(true); watch.disconnect(); } });
    watch.observe(row.current);
    return () => watch.disconnect();
  }, []);
  return (
    <tr ref={row}>
      <th scope="row"><button type="button" className="result-way column-name" onClick={() => onColumn(column)}>{name}</button></th>
      <td className="muted"><code>{type}</code></td>
      {found ? (
        <><td className="number">{nulls(found)}</td><td className="number">{distinct(found)}</td><td className="column-both" title={`${value(found.least)} … ${value(found.most)}`}>{found.least === null ? "–" : `${brief(value(found.least))} … ${brief(value(found.most))}`}</td>
          <td className="number">{found.mean === null ? "–" : value(found.mean)}</td><td><Spread found={found} /></td></>
      ) : <td colSpan={5} className="muted">{problem || "…"}</td>}
    </tr>
  );
}

export default function Columns({ url, columns, onColumn, onGone }) {
  const [shown, setShown] = useState(MOST);
  return (
    <div className="table-scroll result-columns" tabIndex={0} role="group" aria-label="What is in the columns">
      <table className="table">
        <caption className="unseen">What is in each column, over all rows of the result</caption>
        <thead><tr><th scope="col">Column</th><th scope="col">Type</th><th scope="col" className="number">NULL</th><th scope="col" className="number">Distinct</th><th scope="col">Least … greatest</th><th scope="col" className="number">Mean</th><th scope="col">Values</th></tr></thead>
        <tbody>{columns.slice(0, shown).map(({ name, type }, column) => <Column key={column} url={url} column={column} name={name} type={type} onColumn={onColumn} onGone={onGone} />)}</tbody>
      </table>
      {columns.length > shown && <button type="button" className="button" onClick={() => setShown(shown + MOST)}>Show more of {formatNumber(columns.length)} columns</button>}
    </div>
  );
}
