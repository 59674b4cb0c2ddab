// A run's log. Every line has a number and is kept under it, so a chunk that comes twice changes nothing and one that got lost is a hole
// that is seen and fetched: live chunks come as state, missing ones are asked for by event, pages that scroll into view by REST.
import { useEffect, useReducer, useRef, useState } from "react";
import { LogBar, useKeys } from "./log_bar.jsx";
import { Lines, PAGE } from "./log_lines.js";
import { barOf, linesOf, placeOf, show } from "./log_place.js";
import { LogRow } from "./log_row.jsx";
import { count, nextMatch, readPage, rowAmong } from "./log_search.js";
import "./log_view.css";

// Another ``url`` is another log: give the view its url as key.
const ROW = 20, OVERSCAN = 10, NARROW = 600, AGAIN = 2000, SOON = 250; // pixels, rows, pixels, milliseconds
const words = (count, what) => `${count.toLocaleString("en-US")} ${what}${count === 1 ? "" : "s"}`;

export function LogView({ url, chunk, begin, onGap }) {
  const box = useRef(null), ruler = useRef(null), field = useRef(null), whole = useRef(null), left = useRef({}), asking = useRef("");
  const next = useRef(0), taken = useRef(null), gap = useRef(null); // the number after the last line that came live; the last chunk; the lines missing before it
  const anchor = useRef({ line: 0, below: 0 }); // the row that is read, and how far below its start: it stays put when rows above it arrive
  const real = useRef(0), scrolled = useRef(0), due = useRef(false), asked = useRef(new Set()), wanted = useRef(linesOf(window.location.hash));
  const [wrap, setWrap] = useState(true), [follow, setFollow] = useState(!wanted.current), [full, setFull] = useState(false);
  const [elapsed, setElapsed] = useState(false), [level, setLevel] = useState("debug"), [text, setText] = useState(""), [only, setOnly] = useState(false);
  const [chosen, setChosen] = useState(wanted.current), [hit, setHit] = useState(null), [hits, setHits] = useState(""), [said, setSaid] = useState({ words: "", failed: false });
  const [, draw] = useReducer((x) => x + 1, 0);
  const filter = level !== "debug" || (only && text) ? { level, search: only ? text : "" } : null, key = filter ? `${level} ${filter.search}` : "";
  whole.current ??= new Lines();
  if (filter && left.current.key !== key) left.current = { key, lines: new Lines(), scanning: true };
  const lines = filter ? left.current.lines : whole.current;
  const redraw = () => {
    if (!due.current) requestAnimationFrame(() => { due.current = false; draw(); });
    due.current = true;
  };
  asking.current = text;
  const tell = (told, failed = false) => setSaid({ words: told, failed });

  // Taken while it is drawn, not afterwards: a line is on the screen a frame earlier. To take a chunk twice changes nothing.
  if (chunk?.lines && taken.current !== chunk) {
    taken.current = chunk;
    // Where nothing is held yet, what lies before the first chunk is fetched when it is scrolled to.
    if (chunk.start > next.current && whole.current.total) gap.current = [next.current, chunk.start];
    whole.current.put(chunk.start, chunk.lines, chunk.end);
    next.current = Math.max(next.current, chunk.start + chunk.lines.length);
  }
  useEffect(() => {
    if (gap.current) onGap?.(...gap.current);
    gap.current = null;
  }, [chunk]);

  const fetchFrom = (first) => {
    const here = `${key} ${Math.floor(first / PAGE)}`, into = lines, mine = left.current;
    if (asked.current.has(here)) return;
    asked.current.add(here);
    readPage(url, filter, first).then((page) => {
      into.put(page.start, page.lines, page.total);
      mine.scanning = page.scanning;
      if (asked.current.delete(here) && said.failed) tell("");
    }).catch((error) => {
      tell(`Lines from ${(first + 1).toLocaleString("en-US")} on could not be read: ${error.message}. Trying again.`, true);
      setTimeout(() => { asked.current.delete(here); redraw(); }, AGAIN);
    }).finally(redraw);
  };
  // What a filter leaves is asked for while the server looks on, and again when the log has grown.
  useEffect(() => {
    if (!filter) return undefined;
    const timer = setTimeout(() => fetchFrom(lines.total), left.current.scanning && lines.total ? 30 : SOON * (lines.total > 0));
    return () => clearTimeout(timer);
  }, [key, whole.current.total, left.current.scanning && lines.total]);

  const wide = box.current?.clientWidth ?? 0, tall = box.current?.clientHeight ?? 400, digits = String(whole.current.total).length;
  const before = digits + 3 + (wide < NARROW ? 0 : 20); // characters of number, time and level, as log_view.css lays them out
  const columns = wrap && wide ? Math.max(20, Math.floor((wide - 24) / (ruler.current.getBoundingClientRect().width / 100)) - before) : 0;
  const rows = lines.allRows(columns), deepest = Math.max(0, rows * ROW - tall), { bar, scale } = barOf(rows * ROW, tall);
  const top = follow ? deepest : Math.max(0, Math.min(deepest, lines.rowOf(anchor.current.line, columns) * ROW + anchor.current.below));
  const from = lines.at(Math.max(0, Math.floor(top / ROW) - OVERSCAN), columns);
  const shown = lines.window(from.n, Math.ceil(tall / ROW) + 2 * OVERSCAN + 1, columns);
  real.current = top;
  const goTo = async (number) => {
    const row = filter ? await rowAmong(url, filter, number) : number;
    anchor.current = { line: row, below: -Math.floor(tall / 3 / ROW) * ROW };
    setFollow(false);
    redraw();
  };
  useEffect(() => {
    for (const [n, line] of shown) if (!line) fetchFrom(n);
    lines.forget(Math.floor(from.n / PAGE));
    if (wanted.current && whole.current.total > wanted.current.first) { goTo(wanted.current.first); wanted.current = null; }
    // Where the reader has just scrolled, and the event is still on its way, nothing may pull the text back.
    if (Math.abs(box.current.scrollTop - scrolled.current) >= 1) return;
    if (Math.abs(box.current.scrollTop - top / scale) > 1) box.current.scrollTop = top / scale;
    scrolled.current = box.current.scrollTop;
  });
  useEffect(() => {
    const sized = new ResizeObserver(redraw), moved = () => { wanted.current = linesOf(window.location.hash); setChosen(wanted.current); redraw(); };
    sized.observe(box.current);
    window.addEventListener("hashchange", moved);
    return () => { sized.disconnect(); window.removeEventListener("hashchange", moved); };
  }, []);
  const hold = () => {
    const { n, row } = lines.at(Math.floor(real.current / ROW), columns);
    anchor.current = { line: n, below: real.current - row * ROW };
  };
  const onScroll = ({ currentTarget: el }) => {
    const moved = el.scrollTop - scrolled.current;
    if (Math.abs(moved) < 1) return; // our own doing
    scrolled.current = el.scrollTop;
    real.current = Math.max(0, Math.min(deepest, placeOf(el.scrollTop, moved, real.current, tall, scale)));
    hold();
    if (real.current >= deepest - ROW) setFollow(true);
    else if (moved < 0) setFollow(false);
    redraw();
  };
  const seek = async (sought, line, back) => {
    const found = await nextMatch(url, sought, line, back).catch((error) => tell(`The log could not be searched: ${error.message}.`, true));
    if (found?.number !== undefined) { setHit(found.number); await goTo(found.number); }
    return found;
  };
  const read = () => hit ?? (follow ? -1 : lines.get(anchor.current.line)?.[3] ?? anchor.current.line);
  const find = async (back) => {
    const found = text && (await seek({ level, search: text }, read(), back));
    if (found?.number === undefined) return setHits(found ? "No match" : "");
    count(url, { level, search: text }, found, (told) => asking.current === text && (setHits(told), true));
  };
  const error = async (first = false) => {
    const found = await seek({ level: "error" }, first ? -1 : read(), false);
    if (found) tell(found.number === undefined ? "No errors" : `Error ${(found.first + 1).toLocaleString("en-US")} of ${found.found.toLocaleString("en-US")}`);
  };
  useEffect(() => {
    setHits("");
    const timer = text ? setTimeout(() => find(false), SOON) : 0;
    return () => clearTimeout(timer);
  }, [text]);
  const choose = (number, range) => {
    const other = range && chosen ? chosen.first : number, lasting = { first: Math.min(other, number), last: Math.max(other, number) };
    setChosen(lasting);
    navigator.clipboard?.writeText(show(lasting)).then(() => tell("Link copied"), () => tell("The link is in the address bar"));
  };
  const keep = (set) => (value) => { hold(); set(value); }, refilter = (set) => (value) => { anchor.current = { line: 0, below: 0 }; set(value); };
  useKeys({ f: () => setFull(!full), w: () => keep(setWrap)(!wrap), n: () => error(), "/": () => field.current.focus(), ...(full ? { Escape: () => setFull(false) } : {}) });
  const total = filter ? `${words(lines.total, "line")}${left.current.scanning ? "…" : ""} of ${whole.current.total.toLocaleString("en-US")}` : words(lines.total, "line");
  const log = { level, text, only, wrap, follow, full, elapsed, hits, count: total, said: said.words, failed: said.failed, find, error, setText, setElapsed, setFull,
    setLevel: refilter(setLevel), setOnly: refilter(setOnly), setWrap: keep(setWrap), setFollow: keep(setFollow), focus: () => box.current.focus(),
    copyLink: () => (chosen ? choose(chosen.last, true) : choose(read() < 0 ? whole.current.total - 1 : read(), false)), download: url.replace("/logs", "/logs/download") };
  return (
    <div className="log-view" data-full={full || undefined}>
      <LogBar log={log} field={field} />
      <div ref={box} className="log-view-box" role="log" aria-label="Run log" aria-live="off" tabIndex={0} data-wrap={wrap} data-narrow={wide < NARROW} onScroll={onScroll}>
        <span ref={ruler} className="log-view-ruler" aria-hidden="true">{"0".repeat(100)}</span>
        <div style={{ height: bar, position: "relative" }}>
          <div style={{ position: "absolute", top: from.row * ROW - top + top / scale, minWidth: "100%" }}>
            {shown.map(([n, line]) => <LogRow key={n} row={n} line={line} digits={digits} needle={text} begin={elapsed && begin ? new Date(String(begin).replace(" ", "T")) : null} chosen={chosen} hit={hit} onChoose={choose} />)}
          </div>
        </div>
      </div>
    </div>
  );
}
