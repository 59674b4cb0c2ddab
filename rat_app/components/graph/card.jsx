// A table or landing zone in the graph, with the columns that are to be seen.
import { Handle, Position } from "@xyflow/react";
import { ChevronDown, ChevronRight, Inbox, Table2 } from "lucide-react";
import { Time } from "$/public/external/rat_app/components/format/format.jsx";
import { State, Tests } from "./state_words.jsx";
import { plural } from "./lineage_data.js";

export const WIDTH = 260, HEAD = 96, ROW = 26, MOST = 40;

export const heightOf = (columns) => HEAD + (columns.length ? Math.min(columns.length, MOST) * ROW + 8 : 0);

function Column({ column, way, onPick }) {
  return (
    <li className={`flow-column ${way ? `flow-${way}` : ""}`}>
      <Handle type="target" position={Position.Left} id={`in:${column}`} isConnectable={false} />
      <button type="button" className="nodrag" aria-pressed={way === "here"} onClick={() => onPick(column)}>{column}</button>
      <Handle type="source" position={Position.Right} id={`out:${column}`} isConnectable={false} />
    </li>
  );
}

export function Card({ data }) {
  const { node, columns, open, focused, touched, words, onFocus, onOpen, onPick, onShown } = data;
  const zone = node.kind === "zone", Icon = zone ? Inbox : Table2, Chevron = open ? ChevronDown : ChevronRight;
  const shown = columns.slice(0, MOST);
  return (
    <div className={`flow-card mini-card mini-${node.layer} ${focused ? "flow-focused" : ""}`} onFocus={() => onShown(node.id)}>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <span className="mini-layer"><Icon size={12} className="icon" aria-hidden="true" />{node.layer}</span>
      <State status={node.last_run_status} words={words} />
      <button type="button" className="flow-name nodrag" title={node.id} aria-label={`Focus ${node.id}`} aria-pressed={focused} onClick={() => onFocus(node.id)}>{node.name}</button>
      <span className="flow-facts">
        {zone ? plural(node.file_count ?? 0, "file") : node.version === null && !node.published_at ? "not released" : plural(node.row_count, "row")}
        {node.published_at && <> · <Time at={node.published_at} /></>}
      </span>
      <span className="flow-foot">
        <button type="button" className="flow-open nodrag" aria-expanded={open} aria-label={`Columns of ${node.id}`} onClick={() => onOpen(node.id)}><Chevron size={12} aria-hidden="true" />columns</button>
        <Tests node={node} />
      </span>
      {shown.length > 0 && (
        <ul className="flow-columns" aria-label={`Columns of ${node.id}`}>
          {shown.map((column) => <Column key={column} column={column} way={touched?.get(column)} onPick={(name) => onPick(node.id, name)} />)}
        </ul>
      )}
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </div>
  );
}
