// Questions to a log on the server: pages of its lines, of those that a filter leaves, and where the next match is.
import { PAGE } from "./log_lines.js";

const AGAIN = 30; // milliseconds until a search that is not through is asked on
const pause = () => new Promise((done) => setTimeout(done, AGAIN));

// ``filter`` is {level, search}; null for every line. ``place`` is {after} or {skip}.
export async function ask(url, filter, place, limit) {
  const values = new URLSearchParams({ ...(filter ?? {}), ...place, limit });
  const answer = await fetch(`${url}${url.includes("?") ? "&" : "?"}${values}`);
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return answer.json();
}

// The page that begins with row ``first``: [time, level, message, number] each, and how many rows there are in all.
export async function readPage(url, filter, first) {
  const page = await ask(url, filter, filter ? { skip: first } : { after: first }, PAGE - (first % PAGE));
  if (!filter && !page.logs.length) throw new Error("the server has no such lines");
  const lines = page.logs.map((line, i) => [line.timestamp, line.level, line.message, page.matches ? page.matches.numbers[i] : page.start + i]);
  return { lines, start: page.matches ? page.matches.first : page.start, total: page.matches ? page.matches.found : page.next, scanning: page.matches?.scanning ?? false };
}

// The first match from line ``after`` on, as {number, first, found, scanning}; number is undefined when there is none.
async function from(url, filter, place) {
  for (;;) {
    const { logs, matches } = await ask(url, filter, place, 1);
    if (logs.length || !matches.scanning) return { number: matches.numbers[0], ...matches };
    await pause();
  }
}

// The match after line ``line``, or before it with ``back``; at the end it begins anew.
export async function nextMatch(url, filter, line, back) {
  if (!back) {
    const found = await from(url, filter, { after: line + 1 });
    return found.number === undefined ? from(url, filter, { after: 0 }) : found;
  }
  const here = await from(url, filter, { after: line });
  const before = (here.first > 0 ? here.first : here.found) - 1;
  return before < 0 ? here : from(url, filter, { skip: before });
}

// Tells of ``found`` in words, and anew until the whole log has been looked at; ``tell`` answers whether anybody still wants to know.
export async function count(url, filter, found, tell) {
  for (let now = found; tell(`${(found.first + 1).toLocaleString("en-US")} of ${now.found.toLocaleString("en-US")}${now.scanning ? "…" : ""}`) && now.scanning;) {
    await pause();
    now = (await ask(url, filter, { skip: found.first }, 1)).matches;
  }
}

// How many matches come before line ``line``: its row where only matches are shown.
export const rowAmong = async (url, filter, line) => (await from(url, filter, { after: line })).first;
