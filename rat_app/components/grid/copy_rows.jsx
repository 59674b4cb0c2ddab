// Copies what is selected, or else all rows. What the grid has not loaded is fetched first, so that no row is ever blank.
import { useEffect, useRef, useState } from "react";
import { copyText } from "../../error/clipboard.js";
import { formatNumber } from "../../format/format.jsx";
import { asJson, asMarkdown, asTsv } from "./values.js";

const MOST = 10000, WINDOW = 5000;
const WAYS = [["TSV", asTsv], ["JSON", asJson], ["Markdown", asMarkdown]];

async function fetched(url, first, count) {
  const rows = [];
  while (rows.length < count) {
    const answer = await fetch(`${url}?offset=${first + rows.length}&limit=${Math.min(WINDOW, count - rows.length)}`);
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.error?.message || `HTTP ${answer.status}`);
    if (!body.rows.length) break;
    rows.push(...body.rows);
  }
  return rows;
}

export function CopyRows({ url, columns, rows, range, host, onProblem }) {
  const [told, setTold] = useState("");
  const latest = useRef(null);
  const some = range && (range.width > 1 || range.height > 1);
  const copy = async (make, area, words) => {
    const { x, y, width, height } = area || { x: 0, y: 0, width: columns.length, height: rows };
    const count = Math.min(height, MOST);
    try {
      setTold("Copying …");
      const found = await fetched(url, y, count);
      await copyText(make(columns.slice(x, x + width), found.map((row) => row.slice(x, x + width))));
      const what = `${formatNumber(found.length)} ${found.length === 1 ? "row" : "rows"} copied${words}.`;
      setTold(count < height ? `${what} More than ${formatNumber(MOST)} are exported, not copied.` : what);
    } catch (error) { setTold(""); onProblem?.(error.message); }
  };
  latest.current = { copy, range };
  useEffect(() => setTold(""), [url]);
  useEffect(() => { // before Glide, which would copy blanks for what it has not loaded
    const take = (event) => {
      if (!host.current?.querySelector(".result-rows")?.contains(document.activeElement) || !latest.current.range) return;
      event.preventDefault();
      event.stopPropagation();
      latest.current.copy((heads, found) => asTsv(heads, found, false), latest.current.range, "");
    };
    document.addEventListener("copy", take, true);
    return () => document.removeEventListener("copy", take, true);
  }, []);
  return (
    <div className="result-take" role="group" aria-label={some ? "Copy the selection" : "Copy all rows"}>
      <span className="muted">{some ? "Copy selection" : "Copy"}</span>
      {WAYS.map(([words, make]) => <button key={words} type="button" className="result-way" onClick={() => copy(make, some ? range : null, ` as ${words}`)}>{words}</button>)}
      <span role="status" className="muted">{told}</span>
    </div>
  );
}
