// Numbers, sizes, durations and times as people read them: the one place that decides how (P6-05).
import { useSyncExternalStore } from "react";

const LOCALE = "en";
const number = new Intl.NumberFormat(LOCALE);
const oneDigit = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const absolute = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const zone = () => new Intl.DateTimeFormat(LOCALE, { timeZoneName: "longOffset" }).resolvedOptions().timeZone;
const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" });
const UNITS = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60]];
const SIZES = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

// The server sends "2026-01-31 12:00:00.123456+00:00".
export const parseTime = (text) => new Date(String(text).replace(" ", "T"));

export const formatNumber = (value) => number.format(value);

export function formatBytes(bytes) {
  let value = bytes, unit = 0;
  for (; value >= 1024 && unit < SIZES.length - 1; unit++) value /= 1024;
  return `${unit === 0 || value >= 100 ? number.format(Math.round(value)) : oneDigit.format(value)} ${SIZES[unit]}`;
}

export function formatDuration(milliseconds) {
  if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  if (milliseconds < 59950) return `${oneDigit.format(milliseconds / 1000)} s`;
  const seconds = Math.round(milliseconds / 1000), pad = (value) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600), minutes = Math.floor(seconds / 60) % 60;
  return hours ? `${number.format(hours)} h ${pad(minutes)} min` : `${minutes} min ${pad(seconds % 60)} s`;
}

export function formatAge(moment, now) {
  const seconds = Math.round((now - moment) / 1000);
  if (Math.abs(seconds) < 45) return "just now";
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? UNITS.at(-1);
  return relative.format(-Math.round(seconds / size), unit);
}

export const formatMoment = (moment) => `${absolute.format(moment)} (${zone()})`;

// One timer per interval for the whole page, running only while something shown needs it.
function clock(interval) {
  const listeners = new Set();
  let timer, now = Date.now();
  const tick = () => { now = Date.now(); listeners.forEach((listener) => listener()); };
  return {
    subscribe(listener) {
      if (!listeners.size) { now = Date.now(); timer = setInterval(tick, interval); }
      listeners.add(listener);
      return () => { listeners.delete(listener); if (!listeners.size) clearInterval(timer); };
    },
    now: () => now,
  };
}
const slow = clock(15000), fast = clock(200);
const still = { subscribe: () => () => {}, now: () => 0 };
const useNow = (source) => useSyncExternalStore(source.subscribe, source.now, source.now);

export function Time({ at, empty = "–" }) {
  const now = Math.max(useNow(slow), Date.now());
  if (!at) return <span className="muted">{empty}</span>;
  const moment = parseTime(at);
  return <time dateTime={moment.toISOString()} title={formatMoment(moment)} suppressHydrationWarning>{formatAge(moment, now)}</time>;
}

// A finished duration, or one that grows since ``since``.
export function Duration({ milliseconds, since }) {
  const growing = milliseconds == null && since;
  const now = useNow(growing ? fast : still);
  if (growing) return <span className="number" suppressHydrationWarning>{formatDuration(Math.max(now, Date.now()) - parseTime(since))}</span>;
  return milliseconds == null ? <span className="muted">–</span> : <span className="number">{formatDuration(milliseconds)}</span>;
}

export const Count = ({ value }) => (value == null ? <span className="muted">–</span> : <span className="number">{formatNumber(value)}</span>);

export const Bytes = ({ value }) => (value == null ? <span className="muted">–</span> : <span className="number" title={`${formatNumber(value)} bytes`}>{formatBytes(value)}</span>);
