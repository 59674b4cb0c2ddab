// Where a value goes in a picture, and what stands at its axes. Values come as JSON: numbers, decimals as text, moments in ISO 8601.
const MOMENT = /^(TIMESTAMP|DATE)/i;
const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 2 });

export const COLOURS = ["accent", "cyan", "purple", "warn", "bronze", "silver", "danger", "gold"].map((name) => `var(--${name})`);
export const DASHES = ["none", "6 3", "2 3", "8 3 2 3", "1 4", "12 4", "4 1", "10 2 2 2 2 2"];
export const isMoment = (type) => MOMENT.test(type || "");

// NULL, NaN and infinities have no place in a picture.
export function numberOf(value) {
  const number = value === null || value === "" ? NaN : Number(value);
  return Number.isFinite(number) ? number : null;
}

export const placeOf = (value, type) => (value === null ? null : isMoment(type) ? (Number.isNaN(Date.parse(momentOf(value))) ? null : Date.parse(momentOf(value))) : numberOf(value));
const momentOf = (value) => (/^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T00:00Z` : `${String(value).replace(" ", "T").replace(/(\.\d{3})\d+/, "$1").replace(/([+-]\d\d)$/, "$1:00")}${/(Z|[+-]\d\d(:\d\d)?)$/.test(value.slice(10)) ? "" : "Z"}`);

export const compact = (value) => COMPACT.format(value);

// Round steps from below the least value to above the greatest.
export function ticks(low, high, count = 5) {
  if (low === high) { low -= low ? Math.abs(low) / 2 : 1; high += high ? Math.abs(high) / 2 : 1; }
  const rough = (high - low) / count, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= rough * 0.999);
  const first = Math.floor(low / step), last = Math.ceil(high / step);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

export const scale = (low, high, from, to) => (value) => from + ((value - low) / (high - low || 1)) * (to - from);

// From left to right those that leave room for their labels.
export const apart = (all, room) => all.reduce((kept, each) => (kept.length && each.cx - kept.at(-1).cx < room ? kept : [...kept, each]), []);

// Every n-th of many, so that labels do not touch.
export const some = (all, most) => { const step = Math.ceil(all.length / Math.max(most, 1)); return all.filter((_, i) => i % step === 0); };

export const shorten = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
