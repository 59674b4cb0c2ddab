// How DuckDB carries out a statement: the last step on top, below it what it reads from. Measuring runs the statement to its end.
import { useEffect, useState } from "react";
import { formatBytes, formatDuration, formatNumber } from "../../format/format.jsx";
import "./plan_view.css";

// What a step says of itself, the most telling first.
const FIRST = ["Table", "Join Type", "Conditions", "Expression", "Filters", "Groups", "Aggregates", "Order By", "Top", "Projections"];
const order = (name) => (FIRST.indexOf(name) + FIRST.length + 1) % (FIRST.length + 1);

function treeOf(steps) {
  const roots = [], above = [];
  steps.forEach((step) => {
    const node = { ...step, inside: [] };
    (step.depth ? above[step.depth - 1].inside : roots).push(node);
    above[step.depth] = node;
  });
  return roots;
}

function usePlan(sql, namespace, analyze, key) {
  const [told, setTold] = useState({});
  useEffect(() => {
    const leave = new AbortController(); // to go away ends a measurement
    setTold((before) => ({ plan: analyze ? before.plan : null, busy: true }));
    fetch("/api/v1/query/explain", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ sql, namespace, analyze }), signal: leave.signal }).then(async (answer) => {
      const body = await answer.json();
      setTold(answer.ok ? { plan: body } : { problem: body.error?.message || `HTTP ${answer.status}` });
    }).catch((error) => { if (!leave.signal.aborted) setTold({ problem: error.message }); });
    return () => leave.abort();
  }, [sql, namespace, analyze, key]);
  return told;
}

// What the manifests know is certain, as far as it goes; DuckDB's own figures are guesses.
const atMost = ({ rows, size_bytes }) => `at most ${formatNumber(rows)} ${rows === 1 ? "row" : "rows"}, ${formatBytes(size_bytes)}`;
const ofFiles = ({ files, files_total }) => (files < files_total ? ` in ${formatNumber(files)} of ${formatNumber(files_total)} files` : "");

function Step({ step, whole, reads }) {
  const details = Object.entries(step.details).sort(([a], [b]) => order(a) - order(b)), measured = step.milliseconds !== null;
  // Before it is measured DuckDB does not say which files a scan is of: with one table there is no doubt.
  const scan = /parquet/i.test(step.name), read = reads.find(({ name }) => name === step.details.Table) ?? (scan && !step.details.Table && reads.length === 1 ? reads[0] : null);
  const part = measured && whole ? step.milliseconds / whole : 0;
  return (
    <li>
      <div className="plan-step" data-slow={part > 0.3}>
        <strong>{step.name}</strong>
        {details.slice(0, 3).map(([name, text]) => <p key={name} className="plan-detail" title={text}><span className="muted">{name}</span> <code>{text}</code></p>)}
        {details.length > 3 && <details><summary>More</summary>{details.slice(3).map(([name, text]) => <p key={name} className="plan-detail plan-whole"><span className="muted">{name}</span> <code>{text}</code></p>)}</details>}
        {measured ? (
          <p className="plan-figures number">{formatNumber(step.rows ?? 0)} {step.rows === 1 ? "row" : "rows"} · {formatDuration(step.milliseconds)}{part > 0.3 && <span> · {Math.round(part * 100)} % of the time</span>}</p>
        ) : read ? <p className="plan-figures number">{atMost(read)}{ofFiles(read)}</p> : step.estimated_rows > 1 && <p className="plan-figures number muted">about {formatNumber(step.estimated_rows)} rows</p>}
        {measured && <span className="plan-share" aria-hidden="true" style={{ inlineSize: `${Math.max(part * 100, 1)}%` }} />}
      </div>
      {step.inside.length > 0 && <ul>{step.inside.map((inside, i) => <Step key={i} step={inside} whole={whole} reads={reads} />)}</ul>}
    </li>
  );
}

export function PlanView({ sql, namespace, keyOf, onClose }) {
  const [measured, setMeasured] = useState({ key: "", times: 0 });
  const analyze = measured.key === keyOf, { plan, problem, busy } = usePlan(sql, namespace, analyze, `${keyOf} ${measured.times}`);
  const whole = plan?.steps.reduce((sum, { milliseconds }) => sum + (milliseconds ?? 0), 0);
  return (
    <section className="plan" aria-label="Plan of the query" aria-busy={Boolean(busy)}>
      <div className="row plan-head">
        <h2>Plan</h2>
        <span role="status" className="muted grow">{busy ? (analyze ? "Running it to measure …" : "Explaining …") : plan && (plan.analyzed ? `Measured: it ran for ${formatDuration(plan.milliseconds ?? 0)} and wrote nothing.` : `${plan.reads.tables.length ? `Reads ${atMost(plan.reads)}. ` : ""}The last step is on top. What each step gives and takes is known once it has been measured.`)}</span>
        {plan && <button type="button" className="button" aria-disabled={Boolean(busy)} title="Runs the query to its end" onClick={() => !busy && setMeasured({ key: keyOf, times: measured.times + 1 })}>{plan.analyzed ? "Measure again" : "Measure"}</button>}
        <button type="button" className="button" onClick={() => onClose?.()}>Close the plan</button>
      </div>
      {problem && <p role="alert" className="prewrap plan-problem">{problem}</p>}
      {plan && !plan.analyzed && plan.reads.tables.length > 1 && <ul className="plan-reads" aria-label="What is read">{plan.reads.tables.map((read) => <li key={read.name}><code>{read.name}</code> <span className="number">{atMost(read)}{ofFiles(read)}</span></li>)}</ul>}
      {plan && <div className="plan-scroll" tabIndex={0} role="group" aria-label="Steps"><ul className="plan-tree">{treeOf(plan.steps).map((step, i) => <Step key={i} step={step} whole={whole} reads={plan.reads.tables} />)}</ul></div>}
    </section>
  );
}
