// A result as a chart: its values are grouped by the server over all rows. Arrow keys or the pointer go from point to point; the same is there as a table.
import { useEffect, useRef, useState } from "react";
import { recall, remember } from "../../grid/result_grid/kept_views.js";
import { said } from "../../grid/result_grid/values.js";
import { formatNumber } from "../../format/format.jsx";
import { Choices, KINDS, resolved } from "./choices.jsx";
import { Plot, layOut } from "./drawing.jsx";
import { Pie, slices } from "./pie.jsx";
import { COLOURS, DASHES } from "./scales.js";
import "./chart_view.css";

const LISTED = 500;

function useValues(url, onGone, { kind, x, y, colour, aggregate }) {
  const [told, setTold] = useState({});
  const wanted = new URLSearchParams({ kind: kind === "stacked" ? "area" : kind, aggregate: kind === "scatter" ? "sum" : aggregate });
  if (x !== null) wanted.set("x", x);
  if (colour !== null) wanted.set("colour", colour);
  if (aggregate !== "count" || kind === "scatter") (kind === "pie" || colour !== null ? y.slice(0, 1) : y).forEach((each) => wanted.append("y", each));
  const address = x === null && kind !== "number" ? "" : `${url.replace(/rows$/, "chart")}?${wanted}`;
  useEffect(() => {
    if (!address) return setTold({ problem: "No column of this result can stand along a chart: lists, structs and the like have no place there.", address });
    const leave = new AbortController();
    fetch(address, { signal: leave.signal }).then(async (answer) => {
      if (answer.status === 404) return onGone();
      const body = await answer.json();
      setTold(answer.ok ? { data: body, address } : { problem: body.error?.message || `HTTP ${answer.status}`, address });
    }).catch((error) => { if (!leave.signal.aborted) setTold({ problem: error.message, address }); });
    return () => leave.abort();
  }, [address]);
  return { ...told, old: told.address !== address };
}

function useSize() {
  const box = useRef(null);
  const [size, setSize] = useState(null);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => setSize({ width: Math.max(entry.contentRect.width, 240), height: Math.max(entry.contentRect.height, 200) }));
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  return [box, size];
}

function Legend({ series, kind }) {
  if (series.length < 2) return null;
  return <ul className="chart-legend">{series.map(({ name }, s) => <li key={name}>{["line", "area", "stacked"].includes(kind)
    ? <svg width="22" height="8" aria-hidden="true"><line x1="0" x2="22" y1="4" y2="4" stroke={COLOURS[s % COLOURS.length]} strokeWidth="2" strokeDasharray={DASHES[s % DASHES.length]} /></svg>
    : <span className="chart-key" style={{ background: COLOURS[s % COLOURS.length] }} />}{name}</li>)}</ul>;
}

function Picture({ data }) {
  const [box, size] = useSize();
  const [at, setAt] = useState(null);
  const pie = data.kind === "pie", parts = pie ? slices(data) : null, plan = !pie && size ? layOut(data, size.width, size.height) : null;
  // From left to right, whatever the order of the series.
  const order = pie ? parts.map((_, i) => i) : plan ? plan.dots.map((_, i) => i).sort((a, b) => plan.dots[a].cx - plan.dots[b].cx || plan.dots[a].s - plan.dots[b].s) : [];
  const words = (i) => (pie ? `${said(parts[i].at)}: ${said(parts[i].value)}, ${parts[i].share}` : `${data.x.name} ${said(plan.dots[i].at)}: ${plan.dots[i].name} ${said(plan.dots[i].value)}`);
  const keyed = (event) => {
    const here = order.indexOf(at), last = order.length - 1;
    const to = { ArrowRight: Math.min(here + 1, last), ArrowLeft: Math.max(here - 1, 0), Home: 0, End: last }[event.key];
    if (event.key === "Escape") setAt(null);
    if (to === undefined) return;
    event.preventDefault();
    setAt(order[to]);
  };
  const pointed = (event) => {
    if (pie || !plan) return;
    const { left, top } = box.current.getBoundingClientRect(), x = event.clientX - left, y = event.clientY - top;
    const away = ({ cx, cy }) => (data.kind === "scatter" ? Math.hypot(cx - x, cy - y) : Math.abs(cx - x) * 4 + Math.abs(cy - y));
    setAt(plan.dots.reduce((best, dot, i) => (best === null || away(dot) < away(plan.dots[best]) ? i : best), null));
  };
  const kind = KINDS.find(([known]) => known === data.kind)[1].toLowerCase(), told = at !== null && (pie ? parts[at] : plan?.dots[at]) ? words(at) : "";
  const empty = order.length === 0 && (pie || plan);
  return (
    <div ref={box} className="chart-picture" tabIndex={0} role="group" aria-label={`Chart (${kind}) of ${data.series.map(({ name }) => name).join(", ")} by ${data.x?.name}. Arrow keys go from point to point.`}
      onKeyDown={keyed} onBlur={() => setAt(null)} onPointerMove={pointed} onPointerLeave={() => !pie && setAt(null)}>
      {empty ? <p className="muted">There is no value to draw.</p> : pie ? <Pie parts={parts} at={at} onAt={setAt} /> : plan && <Plot data={data} plan={plan} width={size.width} height={size.height} at={at} />}
      <p className="chart-told" role="status" data-on={Boolean(told)}>{told}</p>
    </div>
  );
}

function Table({ data }) {
  const rows = data.series.flatMap(({ name, points }) => points.map(([x, value]) => [name, x, value]));
  return (
    <div className="table-scroll chart-table" tabIndex={0} role="group" aria-label="The chart as a table">
      <table className="table">
        <caption className="unseen">The values of the chart</caption>
        <thead><tr><th scope="col">{data.x?.name}</th><th scope="col">Series</th><th scope="col" className="number">Value</th></tr></thead>
        <tbody>{rows.slice(0, LISTED).map(([name, x, value], i) => <tr key={i}><td className="name">{said(x)}</td><td>{name}</td><td className="number">{said(value)}</td></tr>)}</tbody>
      </table>
      {rows.length > LISTED && <p className="muted">The first {LISTED} of {formatNumber(rows.length)} points.</p>}
    </div>
  );
}

export default function ChartView({ url, columns, keptAs, onGone }) {
  const [kept, setKept] = useState(() => recall(keptAs).chart || {});
  const [listed, setListed] = useState(false);
  const now = resolved(columns, kept);
  const { data: found, problem, old } = useValues(url, onGone, now);
  // Areas on top of each other are drawn from the same values as areas.
  const data = found && now.kind === "stacked" && found.kind === "area" ? { ...found, kind: now.kind } : found;
  const choose = (values) => { const next = { ...kept, ...values }; setKept(next); remember(keptAs, { chart: next }); };
  const number = data?.kind === "number";
  return (
    <div className="chart" aria-busy={old}>
      <Choices columns={columns} now={now} onChoose={choose} />
      {problem && !old && <p role="alert" className="chart-problem">{problem}</p>}
      {data && !problem && (number
        ? <dl className="chart-numbers">{data.series.map(({ name, points }) => <div key={name}><dt>{name}</dt><dd className="tile-value">{said(points[0]?.[1])}</dd></div>)}</dl>
        : <><Legend series={data.kind === "pie" ? [] : data.series} kind={data.kind} />{listed ? <Table data={data} /> : <Picture key={data.kind} data={data} />}</>)}
      {data && !problem && <div className="chart-foot">{!number && <button type="button" className="result-way" aria-pressed={listed} onClick={() => setListed(!listed)}>As a table</button>}<span className="muted">{data.kind === "scatter" ? "" : `Over all ${formatNumber(data.rows)} rows. `}{data.notes.join(" ")}{data.kind === "pie" && data.series[0]?.points.some(([, value]) => Number(value) < 0) ? " What is negative has no slice." : ""}</span></div>}
    </div>
  );
}
