// Bars, lines, areas and points in one picture, drawn to the size it has.
import { said } from "../../grid/result_grid/values.js";
import { COLOURS, DASHES, apart, compact, isMoment, numberOf, placeOf, scale, shorten, some, ticks } from "./scales.js";
import { outline, stack } from "./stacking.js";

const LEFT = 56, RIGHT = 12, TOP = 10, BOTTOM = 40, LETTER = 7.4, ROOM = 120;

// Where everything is: along x on a line when all of it can be placed there, or else side by side.
export function layOut(data, width, height) {
  const { kind, series, x } = data;
  const marks = series.flatMap(({ name, points }, s) => points.map(([at, value], i) => ({ s, i, name, at, value, y: numberOf(value), place: placeOf(at, x?.type) })));
  const keys = [...new Map(marks.map(({ at }) => [String(at), at])).values()];
  const onLine = kind !== "bar" && keys.length > 1 && marks.every(({ place, at }) => place !== null || at === null);
  const shown = marks.filter(({ y, place }) => y !== null && (!onLine || place !== null));
  const piled = kind === "stacked" ? stack(shown, keys, series.length) : null;
  const values = piled ? piled.ends : shown.map(({ y }) => y), places = shown.map(({ place }) => place);
  const grounded = kind === "bar" || kind === "area" || piled !== null;
  const steps = ticks(values.reduce((a, b) => Math.min(a, b), grounded ? 0 : Infinity), values.reduce((a, b) => Math.max(a, b), grounded ? 0 : -Infinity));
  const toY = scale(steps[0], steps.at(-1), height - BOTTOM, TOP);
  const low = places.reduce((a, b) => Math.min(a, b), Infinity), high = places.reduce((a, b) => Math.max(a, b), -Infinity);
  const band = (width - LEFT - RIGHT) / Math.max(keys.length, 1), index = new Map(keys.map((key, i) => [String(key), i]));
  const line = scale(low, high, LEFT + 8, width - RIGHT - 8);
  const toX = ({ at, place }) => (onLine ? line(place) : LEFT + band * (index.get(String(at)) + 0.5));
  const dots = shown.map((mark) => ({ ...mark, cx: toX(mark), cy: toY(piled ? piled.layers[mark.s].get(String(mark.at)).to : mark.y) }));
  const along = [...new Map(dots.map(({ at, cx }) => [String(at), { key: String(at), cx }])).values()];
  const round = onLine && !isMoment(x?.type) ? ticks(low, high, Math.max(Math.floor(width / 120), 2)).filter((each) => each >= low && each <= high) : null;
  const ends = round ? round.map((each) => ({ at: each, cx: line(each) })) : onLine ? apart([...dots].sort((a, b) => a.cx - b.cx), ROOM) : some(keys.map((at, i) => ({ at, cx: LEFT + band * (i + 0.5) })), Math.floor(width / Math.max(48, Math.min(110, Math.max(...keys.map((key) => said(key).length)) * LETTER + 12))));
  return { dots, steps, outlines: piled && along.length ? piled.layers.map((layer) => outline(layer, along, toY)) : null, toY, band, ends, zero: toY(Math.min(Math.max(0, steps[0]), steps.at(-1))), room: Math.floor((onLine ? ROOM : Math.max(band * Math.ceil(keys.length / Math.max(ends.length, 1)), 48)) / LETTER) - 1 };
}

// A label stands below its place, and whole within the picture.
const within = (cx, text, width) => Math.max((text.length * LETTER) / 2, Math.min(cx, width - (text.length * LETTER) / 2 - 4));

const path = (dots) => dots.map(({ cx, cy }, i) => `${i ? "L" : "M"}${cx.toFixed(1)} ${cy.toFixed(1)}`).join("");
// Where a value is missing the line is broken: nothing is known between its neighbours.
const pieces = (dots) => dots.reduce((all, dot) => { if (all.length && all.at(-1).at(-1).i === dot.i - 1) all.at(-1).push(dot); else all.push([dot]); return all; }, []);

function Marks({ kind, dots, many, plan, s }) {
  const colour = COLOURS[s % COLOURS.length], mine = dots.filter((dot) => dot.s === s);
  if (kind === "bar") {
    const wide = Math.max((plan.band * 0.8) / many, 1);
    return mine.map((dot) => <rect key={dot.i} fill={colour} x={dot.cx - (wide * many) / 2 + wide * s} width={Math.max(wide - (wide > 4 ? 1 : 0), 0.5)} y={Math.min(dot.cy, plan.zero)} height={Math.max(Math.abs(dot.cy - plan.zero), 0.5)} />);
  }
  if (kind === "scatter") return mine.map((dot) => <circle key={dot.i} cx={dot.cx} cy={dot.cy} r="3" fill={colour} fillOpacity="0.7" />);
  if (plan.outlines) return (
    <g stroke={colour} fill={colour}>
      <path d={plan.outlines[s].area} stroke="none" fillOpacity="0.35" />
      <path d={plan.outlines[s].line} fill="none" strokeWidth="2" strokeDasharray={DASHES[s % DASHES.length]} strokeLinejoin="round" />
      {mine.length === 1 && <circle cx={mine[0].cx} cy={mine[0].cy} r="2.5" stroke="none" />}
    </g>
  );
  return pieces(mine).map((piece) => (
    <g key={piece[0].i} stroke={colour} fill={colour}>
      {kind === "area" && <path d={`${path(piece)}L${piece.at(-1).cx} ${plan.zero}L${piece[0].cx} ${plan.zero}Z`} stroke="none" fillOpacity="0.2" />}
      <path d={path(piece)} fill="none" strokeWidth="2" strokeDasharray={DASHES[s % DASHES.length]} strokeLinejoin="round" />
      {(mine.length < 60 || piece.length === 1) && piece.map((dot) => <circle key={dot.i} cx={dot.cx} cy={dot.cy} r="2.5" stroke="none" />)}
    </g>
  ));
}

export function Plot({ data, plan, width, height, at }) {
  const { kind, series } = data, dot = at === null ? null : plan.dots[at];
  return (
    <svg width={width} height={height} className="chart-plot" aria-hidden="true">
      {plan.steps.map((step) => <g key={step}><line x1={LEFT} x2={width - RIGHT} y1={plan.toY(step)} y2={plan.toY(step)} className={step === 0 ? "chart-zero" : "chart-line"} /><text x={LEFT - 8} y={plan.toY(step) + 4} textAnchor="end">{compact(step)}</text></g>)}
      {plan.ends.map((end) => shorten(said(end.at), plan.room)).map((text, i) => <text key={i} x={within(plan.ends[i].cx, text, width)} y={height - BOTTOM + 18} textAnchor="middle">{text}</text>)}
      <text x={(LEFT + width - RIGHT) / 2} y={height - 4} textAnchor="middle" className="chart-axis">{data.x?.name}</text>
      {series.map((_, s) => <Marks key={s} kind={kind} dots={plan.dots} many={series.length} plan={plan} s={s} />)}
      {dot && <><line x1={dot.cx} x2={dot.cx} y1={TOP} y2={height - BOTTOM} className="chart-cursor" /><circle cx={dot.cx} cy={dot.cy} r="5" className="chart-at" /></>}
    </svg>
  );
}
