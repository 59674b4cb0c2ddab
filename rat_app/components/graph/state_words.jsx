// How a table stands, as icon and word.
import { Ban, Check, Clock, Play, TriangleAlert, X } from "lucide-react";

const ICONS = { success: Check, failed: X, running: Play, pending: Clock, cancelled: Ban, skipped: Ban, warn: TriangleAlert };

export function State({ status, words }) {
  if (!status) return null;
  const Icon = ICONS[status] ?? Clock;
  return <span className={`status status-${status}`}><Icon size={12} className="icon" aria-hidden="true" />{words[status] ?? status}</span>;
}

export const Tests = ({ node }) => (
  <>
    {node.failing > 0 && <span className="status status-failed"><X size={12} className="icon" aria-hidden="true" />{node.failing} failing</span>}
    {node.warning > 0 && <span className="status status-warn"><TriangleAlert size={12} className="icon" aria-hidden="true" />{node.warning} warning</span>}
  </>
);
