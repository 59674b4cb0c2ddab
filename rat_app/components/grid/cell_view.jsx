// One cell in full: long texts and nested values with their lines.
import { Dialog } from "../../dialog/dialog.jsx";
import { useCopy } from "../../error/clipboard.js";
import { formatNumber } from "../../format/format.jsx";

// A longer text arrives cut, and says so at its end.
const MOST = 100000;

export function CellView({ cell, onClose }) {
  const { value, name, type, row } = cell || {};
  const text = value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value, null, 2) : String(value);
  const [words, copy] = useCopy("Copy value", cell);
  return (
    <Dialog open={Boolean(cell)} title={name} onClose={onClose}>
      <p className="muted">Row {formatNumber((row ?? 0) + 1)} · <code>{type}</code>{typeof value === "string" && value.length > MOST && <> · cut; Export takes all of it</>}</p>
      {text ? <pre className="source cell-view" tabIndex={0} role="group" aria-label={`Value of ${name}`}>{text}</pre>
        : <p><em className="null">{value === "" ? "''" : "null"}</em> {value === "" ? "An empty text." : "No value."}</p>}
      <div className="dialog-foot">
        {text && <button type="button" className="button" onClick={() => copy(text)}><span aria-live="polite">{words}</span></button>}
        <button type="button" className="button button-primary" onClick={onClose}>Close</button>
      </div>
    </Dialog>
  );
}
