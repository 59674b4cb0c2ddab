// The graph, drawn: laid out from left to right by dagre, moved by mouse, buttons and keys.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Background, MarkerType, ReactFlow, ReactFlowProvider, useReactFlow } from "@xyflow/react";
import { ArrowDown, ArrowLeft, ArrowRight, ArrowUp, Maximize, ZoomIn, ZoomOut } from "lucide-react";
import dagre from "@dagrejs/dagre";
import "@xyflow/react/dist/base.css";
import { Card, WIDTH, heightOf } from "./card.jsx";
import { columnsUrl } from "./lineage_data.js";

const TYPES = { place: Card }, PAN = 160;
const reduced = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
const moving = () => ({ duration: reduced() ? 0 : 150 });

function layOut(nodes, edges, columnsOf) {
  const graph = new dagre.graphlib.Graph().setGraph({ rankdir: "LR", ranksep: 72, nodesep: 20 }).setDefaultEdgeLabel(() => ({}));
  nodes.forEach((node) => graph.setNode(node.id, { width: WIDTH, height: heightOf(columnsOf(node.id)) }));
  edges.forEach((edge) => { if (edge.source !== edge.target) graph.setEdge(edge.source, edge.target); });
  dagre.layout(graph);
  return Object.fromEntries(nodes.map((node) => { const at = graph.node(node.id); return [node.id, { x: at.x - at.width / 2, y: at.y - at.height / 2 }]; }));
}

// Edges between tables, and between the columns that an impact touches.
function edgesOf(graph, impact, touched) {
  const dim = Boolean(impact);
  const tables = graph.edges.map(({ source, target }) => ({ id: `${source}>${target}`, source, target, className: dim ? "flow-dim" : "", markerEnd: { type: MarkerType.ArrowClosed } }));
  if (!impact) return tables;
  const steps = [...impact.upstream, ...impact.downstream, { table: impact.table, column: impact.column }];
  const lit = steps.flatMap(({ table, column }) => column.sources.filter((source) => touched[source.table]?.has(source.column)).map((source) => ({
    id: `${source.table}.${source.column}>${table}.${column.name}`, source: source.table, target: table,
    sourceHandle: `out:${source.column}`, targetHandle: `in:${column.name}`, className: "flow-lit", zIndex: 1,
  })));
  return [...tables, ...lit];
}

function Controls() {
  const { zoomIn, zoomOut, fitView, getViewport, setViewport } = useReactFlow();
  const pan = (x, y) => { const now = getViewport(); setViewport({ ...now, x: now.x + x, y: now.y + y }, moving()); };
  const buttons = [
    ["Zoom in", ZoomIn, () => zoomIn(moving())], ["Zoom out", ZoomOut, () => zoomOut(moving())], ["Show all of it", Maximize, () => fitView(moving())],
    ["Move left", ArrowLeft, () => pan(PAN, 0)], ["Move right", ArrowRight, () => pan(-PAN, 0)], ["Move up", ArrowUp, () => pan(0, PAN)], ["Move down", ArrowDown, () => pan(0, -PAN)],
  ];
  return (
    <div className="flow-controls" role="group" aria-label="View of the graph">
      {buttons.map(([label, Icon, act]) => <button key={label} type="button" className="button button-icon" aria-label={label} title={label} onClick={act}><Icon size={14} aria-hidden="true" /></button>)}
    </div>
  );
}

function Drawing({ graph, place, impact, touched, words, onFocus, onPick }) {
  const { fitView, getViewport, setViewport, setCenter, getNode, zoomIn, zoomOut } = useReactFlow();
  const [opened, setOpened] = useState({});
  const box = useRef(null);
  const columnsOf = useCallback((id) => [...new Set([...(touched[id]?.keys() ?? []), ...(opened[id] ?? [])])], [touched, opened]);
  const toggle = useCallback((id) => {
    if (opened[id]) { setOpened(({ [id]: _, ...rest }) => rest); return; }
    fetch(columnsUrl(id)).then((answer) => answer.json()).then((body) => setOpened((now) => ({ ...now, [id]: (body.columns ?? []).map((column) => column.name) })));
  }, [opened]);
  const seen = useCallback((id) => { // the keyboard may lead to what is out of sight
    const at = getNode(id), view = getViewport(), { width, height } = box.current.getBoundingClientRect();
    if (!at) return;
    const x = at.position.x * view.zoom + view.x, y = at.position.y * view.zoom + view.y;
    if (x < 0 || y < 0 || x + WIDTH * view.zoom > width || y > height - 40) setCenter(at.position.x + WIDTH / 2, at.position.y + 60, { zoom: view.zoom, ...moving() });
  }, [getNode, getViewport, setCenter]);

  const ids = graph.nodes.map((node) => node.id).join();
  const positions = useMemo(() => layOut(graph.nodes, graph.edges, columnsOf), [ids, graph.edges.length, columnsOf]);
  const nodes = graph.nodes.map((node) => ({
    id: node.id, type: "place", style: { pointerEvents: "all" }, position: positions[node.id] ?? { x: 0, y: 0 }, width: WIDTH, height: heightOf(columnsOf(node.id)), className: impact && !touched[node.id] ? "flow-dim" : "",
    data: { node, words, columns: columnsOf(node.id), open: Boolean(opened[node.id]), focused: node.id === place.focus, touched: touched[node.id], onFocus, onOpen: toggle, onPick, onShown: seen },
  }));
  useEffect(() => { const later = setTimeout(() => fitView({ maxZoom: 1, ...moving() }), 50); return () => clearTimeout(later); }, [ids, impact?.table, impact?.column.name]);

  const keyed = (event) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowLeft: [PAN, 0], ArrowRight: [-PAN, 0], ArrowUp: [0, PAN], ArrowDown: [0, -PAN] }[event.key], now = getViewport();
    const act = step ? () => setViewport({ ...now, x: now.x + step[0], y: now.y + step[1] }, moving()) : { "+": () => zoomIn(moving()), "-": () => zoomOut(moving()), 0: () => fitView(moving()) }[event.key];
    if (act) { event.preventDefault(); act(); }
  };
  return (
    <div ref={box} className="flow" role="region" aria-label="Lineage graph. Arrow keys move it, plus and minus zoom, 0 shows all of it." tabIndex={0} onKeyDown={keyed}>
      <ReactFlow nodes={nodes} edges={edgesOf(graph, impact, touched)} nodeTypes={TYPES} nodesDraggable={false} nodesConnectable={false} nodesFocusable={false} edgesFocusable={false}
        elementsSelectable={false} minZoom={0.05} maxZoom={2} onlyRenderVisibleElements={nodes.length > 300} fitView fitViewOptions={{ maxZoom: 1 }} proOptions={{ hideAttribution: true }}>
        <Background gap={24} />
      </ReactFlow>
      <Controls />
    </div>
  );
}

export const Flow = (props) => <ReactFlowProvider><Drawing {...props} /></ReactFlowProvider>;
