// Parts of a whole. A negative part has no slice.
import { said, share } from "../../grid/result_grid/values.js";
import { COLOURS, numberOf } from "./scales.js";

export function slices(data) {
  const parts = (data.series[0]?.points ?? []).map(([at, value]) => ({ at, value, size: numberOf(value) })).filter(({ size }) => size !== null && size > 0);
  const whole = parts.reduce((sum, { size }) => sum + size, 0);
  let turn = 0;
  return parts.map((part) => {
    const from = turn;
    turn += part.size / whole;
    return { ...part, from, to: turn, share: share(part.size, whole) };
  });
}

const place = (turn, far) => [Math.sin(turn * 2 * Math.PI) * far, -Math.cos(turn * 2 * Math.PI) * far].map((each) => each.toFixed(2)).join(" ");
// A whole circle begins where it ends, which draws nothing.
function ring({ from, to }) {
  const end = Math.min(to, from + 0.9999), far = end - from > 0.5 ? 1 : 0;
  return `M${place(from, 100)}A100 100 0 ${far} 1 ${place(end, 100)}L${place(end, 58)}A58 58 0 ${far} 0 ${place(from, 58)}Z`;
}
// With more slices than colours the later ones are paler.
const tint = (i) => (i < COLOURS.length ? COLOURS[i] : `color-mix(in srgb, ${COLOURS[i % COLOURS.length]} 55%, var(--surface))`);

export function Pie({ parts, at, onAt }) {
  return (
    <div className="chart-pie">
      <svg viewBox="-104 -104 208 208" aria-hidden="true">
        {parts.map((part, i) => <path key={i} d={ring(part)} fill={tint(i)} className={i === at ? "chart-slice chart-slice-at" : "chart-slice"} onPointerEnter={() => onAt(i)} onPointerLeave={() => onAt(null)} />)}
      </svg>
      <ol className="chart-legend chart-parts">
        {parts.map((part, i) => <li key={i} data-at={i === at}><span className="chart-key" style={{ background: tint(i) }} /><span className="chart-part">{said(part.at)}</span><span className="number">{said(part.value)}</span><span className="number muted">{part.share}</span></li>)}
      </ol>
    </div>
  );
}
