// Values of a result as text: in a cell, on the clipboard, at an axis.
import { formatNumber } from "../../format/format.jsx";

const NUMBER = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|U?(TINY|SMALL|BIG|HUGE)?INTEGER|FLOAT|DOUBLE|DECIMAL.*|BIGNUM)$/i;
const PLAIN = /^(-?)(\d{4,})(\.\d+)?$/;

export const isNumber = (type) => NUMBER.test(type);
export const show = (value) => (value !== null && typeof value === "object" ? JSON.stringify(value) : String(value));

// Four digits stay as they are, for they may be a year, except ``amount``s among which there are longer ones. The digits themselves are never rounded.
export const separated = (text, amount) => text.replace(PLAIN, (all, sign, whole, rest = "") => (whole.length > 4 || amount ? sign + whole.replace(/\B(?=(\d{3})+$)/g, ",") + rest : all));

// A moment without the parts that say nothing; a number with separators.
const MOMENT = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)?(\.0+|\.\d+)?(.*)$/;
const briefly = (text) => text.replace(MOMENT, (_, day, time, seconds, fraction, zone) => {
  const exact = /[1-9]/.test(fraction || "");
  if (!exact && time === "00:00" && seconds === ":00") return `${day}${zone === "Z" ? "" : zone}`;
  return `${day} ${time}${exact || seconds !== ":00" ? seconds ?? "" : ""}${exact ? fraction : ""}${zone}`;
});
export const said = (value) => (value === null || value === undefined ? "null" : value === "" ? "''" : typeof value === "number" ? formatNumber(value) : briefly(String(value)));
export const share = (part, whole) => (!whole ? "–" : part && part / whole < 0.0005 ? "< 0.1 %" : `${formatNumber(Math.round((part / whole) * 1000) / 10)} %`);

const field = (value) => {
  const text = value === null || value === undefined ? "" : show(value);
  return /[\t\n\r"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
const piped = (value) => (value === null || value === undefined ? "" : show(value).replaceAll("\\", "\\\\").replaceAll("|", "\\|").replace(/\r?\n/g, "<br>"));

// A name that is there already gets a number, for an object cannot hold it twice.
function distinct(names) {
  const taken = new Set();
  return names.map((name) => {
    let free = name;
    for (let n = 1; taken.has(free); n++) free = `${name}_${n}`;
    taken.add(free);
    return free;
  });
}

export const asTsv = (columns, rows, heads = true) => [...(heads ? [columns.map(({ name }) => name)] : []), ...rows].map((row) => row.map(field).join("\t")).join("\n");

export function asJson(columns, rows) {
  const names = distinct(columns.map(({ name }) => name));
  return JSON.stringify(rows.map((row) => Object.fromEntries(row.map((value, c) => [names[c], value]))), null, 2);
}

export function asMarkdown(columns, rows) {
  const line = (texts) => `| ${texts.join(" | ")} |`;
  const rule = columns.map(({ type }) => (isNumber(type) ? "---:" : "---"));
  return [line(columns.map(({ name }) => piped(name))), line(rule), ...rows.map((row) => line(row.map(piped)))].join("\n");
}
