// The same as the graph, as a table: for screen readers, for paper, and for those who prefer to read.
import { Time } from "$/public/external/rat_app/components/format/format.jsx";
import { State, Tests } from "./state_words.jsx";
import { number, shortName } from "./lineage_data.js";

const SHOWN = 500;

const Names = ({ ids, onFocus }) => (
  <ul className="lineage-names">{ids.map((id) => <li key={id}><button type="button" className="lineage-column" aria-label={`Focus ${id}`} onClick={() => onFocus(id)}>{shortName(id)}</button></li>)}</ul>
);

export function LineageTable({ graph, focus, words, onFocus }) {
  const reads = {}, readBy = {};
  graph.edges.forEach(({ source, target }) => { (reads[target] ??= []).push(source); (readBy[source] ??= []).push(target); });
  return (
    <div className="table-scroll lineage-table" tabIndex={0} role="region" aria-label="Lineage as a table">
      <table className="table">
        <caption className="unseen">Tables and landing zones, what each reads and what reads it</caption>
        <thead><tr><th scope="col">Table</th><th scope="col">Last run</th><th scope="col" className="number">Rows</th><th scope="col" className="optional">Fresh</th><th scope="col">Reads</th><th scope="col">Read by</th></tr></thead>
        <tbody>
          {graph.nodes.slice(0, SHOWN).map((node) => (
            <tr key={node.id} aria-current={node.id === focus ? "true" : undefined}>
              <th scope="row"><button type="button" className="lineage-column" aria-label={`Focus ${node.id}`} onClick={() => onFocus(node.id)}><span className="name-above">{node.namespace}.{node.layer}.</span>{node.name}</button></th>
              <td><State status={node.last_run_status} words={words} /> <Tests node={node} /></td>
              <td className="number">{number(node.row_count)}</td>
              <td className="optional"><Time at={node.published_at} /></td>
              <td><Names ids={reads[node.id] ?? []} onFocus={onFocus} /></td>
              <td><Names ids={readBy[node.id] ?? []} onFocus={onFocus} /></td>
            </tr>
          ))}
        </tbody>
      </table>
      {graph.nodes.length > SHOWN && <p className="muted">The first {SHOWN} of {number(graph.nodes.length)}. Choose a namespace or a table to see less.</p>}
    </div>
  );
}
