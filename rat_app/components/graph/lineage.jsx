// The Lineage page: what to look at, the graph or the same as a table, and a panel with columns.
import { useEffect, useMemo, useState } from "react";
import { Search, X } from "lucide-react";
import { Flow } from "./flow.jsx";
import { LineageTable } from "./lineage_table.jsx";
import { ColumnPanel, TablePanel } from "./panel.jsx";
import { API, DRAWN, STEPS, graphUrl, impactUrl, number, touchedBy, useJson, usePlace } from "./lineage_data.js";
import "./flow.css";

const DISTANCES = [["0", "none"], ["1", "1 step"], ["2", "2 steps"], ["3", "3 steps"], ["5", "5 steps"], ["50", "all"]];

const Distance = ({ label, value, onChange }) => (
  <label className="lineage-distance">{label}
    <select className="input input-fit" value={value || STEPS} onChange={(event) => onChange(event.target.value)}>
      {DISTANCES.some(([steps]) => steps === (value || STEPS)) ? null : <option value={value}>{value} steps</option>}
      {DISTANCES.map(([steps, words]) => <option key={steps} value={steps}>{words}</option>)}
    </select>
  </label>
);

// ``nodes`` is null until they are read. An Enter before that counts once they are.
function Find({ nodes, onFocus }) {
  const [text, setText] = useState("");
  const [entered, setEntered] = useState(false);
  const typed = (value) => {
    setEntered(false);
    if (nodes?.some((node) => node.id === value)) { onFocus(value); setText(""); } else setText(value);
  };
  useEffect(() => {
    if (!entered || !nodes) return;
    const found = nodes.find((node) => node.name === text) ?? nodes.find((node) => node.id.includes(text));
    if (found) typed(found.id);
    else setEntered(false);
  }, [entered, nodes]);
  const unknown = nodes && text.length > 1 && !nodes.some((node) => node.id.includes(text));
  return (
    <div className="search">
      <Search size={14} className="icon" aria-hidden="true" />
      <input className="input" type="search" list="lineage-places" aria-label="Find a table or landing zone" placeholder="Find a table" autoComplete="off" maxLength={200} value={text}
        aria-describedby="lineage-find" onChange={(event) => typed(event.target.value.trim())} onKeyDown={(event) => { if (event.key === "Enter" && text) setEntered(true); }} />
      <datalist id="lineage-places">{(nodes ?? []).slice(0, 1000).map((node) => <option key={node.id} value={node.id} />)}</datalist>
      <span id="lineage-find" className="unseen" aria-live="polite">{unknown ? "Nothing is called so." : ""}</span>
    </div>
  );
}

function Bar({ place, go, nodes, namespaces, onFocus }) {
  return (
    <div className="row lineage-bar">
      <Find nodes={nodes} onFocus={onFocus} />
      <select className="input input-fit" aria-label="Namespace" value={place.namespace} onChange={(event) => go({ namespace: event.target.value })}>
        <option value="">All namespaces</option>
        {namespaces.map((name) => <option key={name} value={name}>{name}</option>)}
      </select>
      {place.focus && <Distance label="Before" value={place.up} onChange={(up) => go({ up })} />}
      {place.focus && <Distance label="After" value={place.down} onChange={(down) => go({ down })} />}
      {place.focus && <button type="button" className="chip mono" onClick={() => go({ focus: "", column: "", up: "", down: "" })} aria-label={`Leave the focus ${place.focus}`}>{place.focus} <X size={14} aria-hidden="true" /></button>}
      <span className="grow" />
      <div role="group" aria-label="View" className="segments lineage-views">
        {[["", "Graph"], ["table", "Table"]].map(([view, words]) => <button key={words} type="button" className="segment lineage-view" aria-pressed={place.view === view} onClick={() => go({ view })}>{words}</button>)}
      </div>
    </div>
  );
}

export function LineageView({ revision, namespaces, words }) {
  const [place, go] = usePlace();
  const [anyway, setAnyway] = useState(false);
  const { data: graph, error } = useJson(graphUrl(place), revision);
  const { data: everything } = useJson(place.focus ? API : "", revision);
  const impact = useJson(place.focus && place.column ? impactUrl(place.focus, place.column) : "", revision);
  const touched = useMemo(() => touchedBy(impact.data), [impact.data]);
  const focus = (id) => go({ focus: id, column: "" });
  const pick = (table, column) => go({ focus: table, column, up: "50", down: "50" });
  const nodes = (place.focus ? everything : graph)?.nodes ?? null;
  const here = graph?.nodes.find((node) => node.id === place.focus);
  const crowded = graph && !place.focus && graph.nodes.length > DRAWN && !anyway;

  let shown = null;
  if (error) shown = <div role="alert" className="failure"><strong>Could not read the lineage</strong><p>{error}</p></div>;
  else if (!graph) shown = <div className="skeleton" role="status" aria-label="Loading" />;
  else if (place.view === "table") shown = <LineageTable graph={graph} focus={place.focus} words={words} onFocus={focus} />;
  else if (crowded) shown = <div className="empty"><p>{number(graph.nodes.length)} tables and landing zones are too many to read at once. Find one above, or choose a namespace.</p><button type="button" className="button button-plain" onClick={() => setAnyway(true)}>Draw all of them</button></div>;
  else shown = <Flow graph={graph} place={place} impact={place.column ? impact.data : null} touched={place.column ? touched : {}} words={words} onFocus={focus} onPick={pick} />;

  return (
    <div className="lineage" data-view={place.view || "graph"}>
      <Bar place={place} go={go} nodes={nodes} namespaces={namespaces} onFocus={focus} />
      <div className="lineage-middle">
        <div className="lineage-main">{shown}</div>
        {place.column ? <ColumnPanel found={impact.data} error={impact.error} onPick={pick} onFocus={focus} onClose={() => go({ column: "" })} />
          : here && <TablePanel node={here} revision={revision} onPick={pick} onClose={() => go({ focus: "", up: "", down: "" })} />}
      </div>
    </div>
  );
}
