// Layers, tables and columns with a search over both names. A click or Enter writes the name at the editor's cursor.
import { useDeferredValue, useMemo, useState } from "react";
import { Link } from "react-router";
import { Tree } from "../../tree/tree.jsx";
import { formatNumber } from "../../format/format.jsx";
import { useCatalog } from "./catalog.js";
import "./schema_tree.css";

const LAYERS = ["bronze", "silver", "gold"];

// A table is shown when its name matches, with all columns; or when columns match, with these, opened.
function nodesOf(tables, search) {
  const wanted = search.trim().toLowerCase(), has = (text) => text.toLowerCase().includes(wanted);
  const node = (table) => {
    const name = `${table.layer}.${table.name}`, named = !wanted || has(name);
    const columns = named ? table.columns : table.columns.filter((column) => has(column.name));
    if (!named && !columns.length) return null;
    const children = columns.map(({ name: column, type }) => ({ id: `${name}.${column}`, label: column, detail: type, kind: "column", insert: column }));
    return { id: name, label: table.name, kind: "table", detail: formatNumber(table.rows), insert: name, closed: named, children };
  };
  return LAYERS.map((layer) => ({ id: layer, label: layer, kind: layer, children: tables.filter((table) => table.layer === layer).map(node).filter(Boolean) }))
    .filter((layer) => layer.children.length);
}

export function SchemaTree({ namespace, version }) {
  const { tables, problem } = useCatalog(namespace, version);
  const [search, setSearch] = useState("");
  const [reached, setReached] = useState("");
  const wanted = useDeferredValue(search);
  // A link within a row would be one stop of Tab for each of a thousand tables: there is one, for the row where one is.
  const table = tables?.find(({ layer, name }) => reached === `${layer}.${name}` || reached.startsWith(`${layer}.${name}.`));
  const nodes = useMemo(() => nodesOf(tables ?? [], wanted), [tables, wanted]);
  if (problem && !tables) return <p role="alert" className="muted">The tables could not be read. {problem}</p>;
  if (!tables) return <div className="skeleton" role="status" aria-label="Loading">{[1, 2, 3, 4].map((line) => <div key={line} className="skeleton-line" />)}</div>;
  if (!tables.length) return <p className="muted">Nothing is published in this namespace yet. Run a pipeline, or load the demo on Home.</p>;
  return (
    <>
      <input type="search" className="input" aria-label="Search tables and columns" placeholder="Search tables and columns" value={search} autoComplete="off" spellCheck={false}
        onChange={(event) => setSearch(event.target.value)} />
      {nodes.length ? <div className="schema-tree"><Tree key={wanted.trim() ? "found" : "all"} nodes={nodes} label="Tables and columns" onReach={setReached} /></div>
        : <p className="muted" role="status">No table or column has “{wanted.trim()}” in its name.</p>}
      {table ? <Link className="link schema-table" to={`/explorer/${namespace}/${table.layer}/${table.name}`}>Open {table.layer}.{table.name}</Link>
        : <Link className="link schema-table" to={`/explorer?namespace=${encodeURIComponent(namespace)}`}>All tables</Link>}
    </>
  );
}
