// What is drawn: kind, columns, and how rows become one value.
import { isNumber } from "../../grid/result_grid/values.js";
import { isMoment } from "./scales.js";

export const KINDS = [["bar", "Bars"], ["line", "Line"], ["area", "Area"], ["stacked", "Stacked area"], ["scatter", "Points"], ["pie", "Pie"], ["number", "Number"]];
const WAYS = [["sum", "Sum"], ["avg", "Average"], ["min", "Least"], ["max", "Greatest"], ["count", "Number of rows"]];
const ADDED = ["sum", "count"]; // what can stand on top of each other
const MOST = 8;
const DRAWN = /^(BOOL|U?(TINY|SMALL|BIG|HUGE)?INT|FLOAT|DOUBLE|DECIMAL|DATE|TIME|VARCHAR|ENUM|UUID|BLOB)/i;

// Columns are kept by name: the next result may have them elsewhere. What it does not have is left out.
export function resolved(columns, kept) {
  const numbers = columns.map(({ type }, i) => (isNumber(type) && !type.endsWith("]") ? i : -1)).filter((i) => i >= 0);
  const named = (name) => columns.findIndex((column) => column.name === name && !column.type.endsWith("]"));
  const found = (name, otherwise) => (named(name) >= 0 ? named(name) : otherwise);
  const axes = columns.map(({ type }, i) => (DRAWN.test(type) && !type.endsWith("]") ? i : -1)).filter((i) => i >= 0);
  const first = axes.find((i) => isMoment(columns[i].type)) ?? axes.find((i) => !numbers.includes(i)) ?? axes[0] ?? null;
  const x = found(kept.x, first);
  const given = (kept.y || []).map(named).filter((i) => numbers.includes(i));
  const y = given.length ? given : numbers.filter((i) => i !== x).slice(0, 1);
  const likely = columns.length === 1 && numbers.length ? "number" : x !== null && isMoment(columns[x].type) ? "line" : "bar";
  const kind = KINDS.some(([known]) => known === kept.kind) ? kept.kind : likely;
  const spare = y.length ? y : numbers.slice(0, 1);
  const wanted = kept.aggregate || "sum", aggregate = !spare.length ? "count" : kind === "stacked" && !ADDED.includes(wanted) ? "sum" : wanted;
  return { kind, x: kind === "number" ? null : x, y: kind === "number" || kind === "scatter" ? spare : y, colour: kind === "number" || kind === "pie" ? null : found(kept.colour, null), aggregate, numbers, axes };
}

function Choice({ label, value, options, onPick }) {
  return (
    <label className="chart-choice"><span>{label}</span>
      <select className="input input-fit" value={value} onChange={(event) => onPick(event.target.value)}>{options.map(([key, words]) => <option key={key} value={key}>{words}</option>)}</select>
    </label>
  );
}

export function Choices({ columns, now, onChoose }) {
  const names = (list) => list.map((i) => [String(i), columns[i].name]);
  const name = (text) => (text === "" ? "" : columns[Number(text)].name);
  const { kind, x, y, colour, aggregate, numbers, axes } = now;
  const counts = aggregate === "count" && kind !== "scatter";
  const setY = (i, text) => onChoose({ y: [...y.slice(0, i), ...(text === "" ? [] : [Number(text)]), ...y.slice(i + 1)].map((each) => columns[each].name) });
  const more = !counts && kind !== "pie" && colour === null && y.length < MOST ? numbers.filter((i) => !y.includes(i)) : [];
  return (
    <div className="chart-choices" role="group" aria-label="What is drawn">
      <Choice label="Chart" value={kind} options={KINDS} onPick={(picked) => onChoose({ kind: picked })} />
      {kind !== "number" && <Choice label={kind === "pie" ? "Slices" : "Along"} value={String(x)} options={names(axes)} onPick={(text) => onChoose({ x: name(text) })} />}
      {kind !== "scatter" && <Choice label="Value" value={aggregate} options={WAYS.filter(([way]) => (numbers.length || way === "count") && (kind !== "stacked" || ADDED.includes(way)))} onPick={(picked) => onChoose({ aggregate: picked })} />}
      {!counts && (kind === "pie" || colour !== null ? y.slice(0, 1) : y).map((each, i) => (
        <Choice key={i} label={i ? "and" : kind === "scatter" ? "Value" : "of"} value={String(each)} options={[...(y.length > 1 ? [["", "– leave out"]] : []), ...names(numbers.filter((other) => other === each || !y.includes(other)))]} onPick={(text) => setY(i, text)} />
      ))}
      {more.length > 0 && y.length > 0 && <Choice label="and" value="" options={[["", "nothing else"], ...names(more)]} onPick={(text) => text !== "" && setY(y.length, text)} />}
      {kind !== "number" && kind !== "pie" && <Choice label="Coloured by" value={colour === null ? "" : String(colour)} options={[["", "nothing"], ...names(axes.filter((i) => i !== x))]} onPick={(text) => onChoose({ colour: name(text) })} />}
    </div>
  );
}
