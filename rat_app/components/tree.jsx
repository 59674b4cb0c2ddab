// A tree as the accessibility guidelines draw it: one stop for Tab, arrow keys to move, open and close, Enter or a click to act (P9-02).
import { useRef, useState } from "react";
import "./tree.css";

const flatten = (nodes, open, depth = 1, parent = "") => nodes.flatMap((node, index) => {
  const row = { ...node, depth, parent, position: index + 1, size: nodes.length, folder: Boolean(node.children), open: open(node) };
  return row.folder && row.open ? [row, ...flatten(node.children, open, depth + 1, node.id)] : [row];
});

const Chevron = ({ open }) => (
  <svg width="12" height="12" viewBox="0 0 12 12" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true"><path d={open ? "M2 4l4 4 4-4" : "M4 2l4 4-4 4"} /></svg>
);

// nodes: {id, label, detail, kind, mark, insert, closed, children}. A node with ``insert`` writes that at the editor's cursor.
export function Tree({ nodes, label, selected, onPick, onReach }) {
  const [toggled, setToggled] = useState({});
  const [at, setAt] = useState(null);
  const box = useRef(null);
  const isOpen = (node) => toggled[node.id] ?? !node.closed;
  const rows = flatten(nodes ?? [], isOpen);
  const current = rows.some((row) => row.id === at) ? at : rows.some((row) => row.id === selected) ? selected : rows[0]?.id;
  const toggle = (row, open) => setToggled((before) => ({ ...before, [row.id]: open }));
  const act = (row) => {
    setAt(row.id);
    if (row.folder && !row.insert) toggle(row, !row.open);
    else if (!row.folder || row.insert) onPick?.(row.id);
  };
  const go = (row) => {
    if (!row) return;
    setAt(row.id);
    box.current.querySelector(`[data-id="${CSS.escape(row.id)}"]`)?.focus();
  };
  const keyed = (event, row) => {
    const index = rows.indexOf(row);
    const moves = {
      ArrowDown: () => go(rows[index + 1]),
      ArrowUp: () => go(rows[index - 1]),
      Home: () => go(rows[0]),
      End: () => go(rows.at(-1)),
      ArrowRight: () => (row.folder && !row.open ? toggle(row, true) : row.folder && go(rows[index + 1])),
      ArrowLeft: () => (row.folder && row.open ? toggle(row, false) : go(rows.find((other) => other.id === row.parent))),
      Enter: () => event.currentTarget.click(),
      " ": () => event.currentTarget.click(),
    };
    if (!moves[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    moves[event.key]();
  };
  return (
    <div ref={box} role="tree" aria-label={label} className="tree">
      {rows.map((row) => (
        <div key={row.id} role="treeitem" className="tree-row" data-id={row.id} data-kind={row.kind} data-editor-insert={row.insert} style={{ "--depth": row.depth }}
          aria-level={row.depth} aria-posinset={row.position} aria-setsize={row.size} aria-expanded={row.folder ? row.open : undefined}
          aria-selected={row.id === selected} tabIndex={row.id === current ? 0 : -1}
          title={row.insert ? `Insert ${row.insert}` : row.label} onClick={() => act(row)} onFocus={() => { setAt(row.id); onReach?.(row.id); }} onKeyDown={(event) => keyed(event, row)}>
          <span className="tree-chevron" onClick={(event) => { if (row.folder) { event.stopPropagation(); toggle(row, !row.open); } }}>{row.folder && <Chevron open={row.open} />}</span>
          <span className="tree-label">{row.label}</span>
          {row.mark && <span className="tree-mark" title={row.mark}><span aria-hidden="true">●</span><span className="unseen">{row.mark}</span></span>}
          {row.detail && <span className="tree-detail">{row.detail}</span>}
        </div>
      ))}
    </div>
  );
}
