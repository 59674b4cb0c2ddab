// Beside the graph: the columns of the table in focus, or what one column comes from and goes into.
import { Link } from "react-router";
import { X } from "lucide-react";
import { columnsUrl, plural, shortName, useJson } from "./lineage_data.js";

const Problem = ({ error }) => <p role="alert" className="failure">{error}</p>;

function Steps({ title, steps, nothing, onPick }) {
  return (
    <section className="lineage-steps">
      <h3>{title} <span className="muted">{steps.length}</span></h3>
      {steps.length === 0 && <p className="muted">{nothing}</p>}
      <ul>
        {steps.map(({ table, column, distance }) => (
          <li key={`${table}.${column.name}`} style={{ "--steps": Math.min(distance - 1, 4) }}>
            <button type="button" className="lineage-column" onClick={() => onPick(table, column.name)}><span className="name-above">{shortName(table)}.</span>{column.name}</button>
            <span className={`lineage-kind lineage-${column.kind}`}>{column.kind}</span>
            {column.reason ? <p className="lineage-reason">{column.reason}</p> : column.kind !== "copied" && column.expression && <code>{column.expression}</code>}
          </li>
        ))}
      </ul>
    </section>
  );
}

const Tables = ({ title, tables, onFocus }) => tables.length > 0 && (
  <section className="lineage-steps">
    <h3>{title} <span className="muted">{tables.length}</span></h3>
    <ul>{tables.map((table) => <li key={table}><button type="button" className="lineage-column" onClick={() => onFocus(table)}>{shortName(table)}</button></li>)}</ul>
  </section>
);

export function ColumnPanel({ found, error, onPick, onFocus, onClose }) {
  const close = <button type="button" className="button button-icon" aria-label="Close the column" title="Close the column" onClick={onClose}><X size={14} aria-hidden="true" /></button>;
  if (error) return <aside className="lineage-panel" aria-label="Column">{close}<Problem error={error} /></aside>;
  if (!found) return <aside className="lineage-panel" aria-label="Column" aria-busy="true">{close}</aside>;
  const { column } = found;
  return (
    <aside className="lineage-panel" aria-label={`Column ${column.name}`}>
      <div className="row lineage-panel-head"><h2>{column.name}</h2><span className={`lineage-kind lineage-${column.kind}`}>{column.kind}</span><span className="grow" />{close}</div>
      <p className="muted mono">{found.table}</p>
      {column.reason && <p className="lineage-reason">{column.reason}</p>}
      {column.expression && <pre className="source lineage-expression" tabIndex={0} aria-label="Expression">{column.expression}</pre>}
      <Steps title="Comes from" steps={found.upstream} nothing="Nothing: it begins here." onPick={onPick} />
      <Steps title="Goes into" steps={found.downstream} nothing="No column is made from it." onPick={onPick} />
      <Tables title="Decides the rows of" tables={found.rows} onFocus={onFocus} />
      <Tables title="May also reach, not traced" tables={found.untraced} onFocus={onFocus} />
    </aside>
  );
}

export function TablePanel({ node, revision, onPick, onClose }) {
  const { data, error } = useJson(columnsUrl(node.id), revision);
  const address = `/pipelines/${node.namespace}/${node.layer}/${node.name}`;
  return (
    <aside className="lineage-panel" aria-label={`Table ${node.id}`}>
      <div className="row lineage-panel-head"><h2>{node.name}</h2><span className={`layer layer-${node.layer}`}>{node.layer}</span><span className="grow" />
        <button type="button" className="button button-icon" aria-label="Leave the focus" title="Leave the focus" onClick={onClose}><X size={14} aria-hidden="true" /></button></div>
      {node.description && <p>{node.description}</p>}
      {node.pipeline && <Link className="link" to={address}>Open the pipeline</Link>}
      {error && <Problem error={error} />}
      {data && (
        <section className="lineage-steps">
          <h3>Columns</h3>
          <p className="muted">{data.total === 0 ? data.problem || "No column is known yet." : `${data.traced} of ${plural(data.total, "column")} traced.`}</p>
          {data.problem && data.total > 0 && <p className="lineage-reason">{data.problem}</p>}
          <ul>
            {data.columns.map((column) => (
              <li key={column.name}>
                <button type="button" className="lineage-column" onClick={() => onPick(node.id, column.name)}>{column.name}</button>
                <span className={`lineage-kind lineage-${column.kind}`}>{column.kind}</span>
                {column.reason && <p className="lineage-reason">{column.reason}</p>}
              </li>
            ))}
          </ul>
        </section>
      )}
    </aside>
  );
}
