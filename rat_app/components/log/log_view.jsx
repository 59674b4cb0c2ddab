// A run's log. Every line has a number and is kept under it, so a chunk that comes twice changes nothing and one that got lost is a hole
// that is seen and fetched: live chunks come as state, missing ones are asked for by event, pages that scroll into view by REST.
import { useEffect, useReducer, useRef, useState } from "react";
import { Lines, PAGE } from "./log_lines.js";
import "./log_view.css";

// Another ``url`` is another log: give the view its url as key.
const ROW = 20, OVERSCAN = 10, NARROW = 600, AGAIN = 2000; // pixels, rows, pixels, milliseconds
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });
const LEVELS = { debug: "DEBUG", info: "INFO", warning: "WARN", error: "ERROR" };

async function readPage(url, first) {
  const answer = await fetch(`${url}${url.includes("?") ? "&" : "?"}after=${first}&limit=${PAGE - (first % PAGE)}`);
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  const page = await answer.json();
  if (!page.logs.length) throw new Error("the server has no such lines");
  return page;
}

export function LogView({ url, chunk, onGap }) {
  const box = useRef(null), ruler = useRef(null), log = useRef(null);
  const next = useRef(0); // the number after the last line that came live
  const anchor = useRef({ line: 0, below: 0 }); // the line that is read, and how far below its start: it stays put when lines above it arrive
  const scrolled = useRef(0), due = useRef(false), asked = useRef(new Set());
  const [wrap, setWrap] = useState(true);
  const [follow, setFollow] = useState(true);
  const [problem, setProblem] = useState("");
  const [, draw] = useReducer((x) => x + 1, 0);
  log.current ??= new Lines();
  const lines = log.current;
  const redraw = () => {
    if (due.current) return;
    due.current = true;
    requestAnimationFrame(() => { due.current = false; draw(); });
  };

  useEffect(() => {
    if (!chunk?.lines) return;
    // Where nothing is held yet, what lies before the first chunk is fetched when it is scrolled to.
    if (chunk.start > next.current && lines.total) onGap?.(next.current, chunk.start);
    lines.put(chunk.start, chunk.lines, chunk.end);
    next.current = Math.max(next.current, chunk.start + chunk.lines.length);
    redraw();
  }, [chunk]);

  const fetchFrom = (first) => {
    const p = Math.floor(first / PAGE);
    if (asked.current.has(p)) return;
    asked.current.add(p);
    readPage(url, first).then((page) => {
      lines.put(page.start, page.logs.map((line) => [line.timestamp, line.level, line.message]), page.next);
      asked.current.delete(p);
      setProblem("");
    }).catch((error) => {
      setProblem(`Lines from ${(first + 1).toLocaleString("en-US")} on could not be read: ${error.message}. Trying again.`);
      setTimeout(() => { asked.current.delete(p); redraw(); }, AGAIN);
    }).finally(redraw);
  };

  const wide = box.current?.clientWidth ?? 0, tall = box.current?.clientHeight ?? 400, digits = String(lines.total).length;
  const before = digits + 3 + (wide < NARROW ? 0 : 20); // characters of number, time and level, as log_view.css lays them out
  const columns = wrap && wide ? Math.max(20, Math.floor((wide - 24) / (ruler.current.getBoundingClientRect().width / 100)) - before) : 0;
  const rows = lines.allRows(columns), deepest = Math.max(0, rows * ROW - tall);
  const top = follow ? deepest : Math.min(deepest, lines.rowOf(anchor.current.line, columns) * ROW + anchor.current.below);
  const from = lines.at(Math.max(0, Math.floor(top / ROW) - OVERSCAN), columns);
  const shown = lines.window(from.n, Math.ceil(tall / ROW) + 2 * OVERSCAN + 1, columns);
  useEffect(() => {
    for (const [n, line] of shown) if (!line) fetchFrom(n);
    lines.forget(Math.floor(from.n / PAGE));
    // Where the reader has just scrolled, and the event is still on its way, nothing may pull the text back.
    if (Math.abs(box.current.scrollTop - scrolled.current) >= 1) return;
    if (Math.abs(box.current.scrollTop - top) > 1) box.current.scrollTop = top;
    scrolled.current = box.current.scrollTop;
  });
  useEffect(() => {
    const sized = new ResizeObserver(redraw);
    sized.observe(box.current);
    return () => sized.disconnect();
  }, []);
  const hold = () => {
    const { scrollTop } = box.current, { n, row } = lines.at(Math.floor(scrollTop / ROW), columns);
    anchor.current = { line: n, below: scrollTop - row * ROW };
  };
  const onScroll = ({ currentTarget: el }) => {
    const moved = el.scrollTop - scrolled.current;
    if (Math.abs(moved) < 1) return; // our own doing
    scrolled.current = el.scrollTop;
    hold();
    if (el.scrollTop + el.clientHeight >= el.scrollHeight - ROW) setFollow(true);
    else if (moved < 0) setFollow(false);
    redraw();
  };
  const toggle = (name, on, set) => <button type="button" className="log-view-toggle" aria-pressed={on} onClick={() => { hold(); set(!on); }}>{name}</button>;
  return (
    <div className="log-view">
      <div className="log-view-bar">
        <span data-testid="log-count">{lines.total.toLocaleString("en-US")} {lines.total === 1 ? "line" : "lines"}</span>
        {problem && <span role="status" className="log-view-problem">{problem}</span>}
        {toggle("Wrap", wrap, setWrap)}
        {toggle("Follow", follow, setFollow)}
      </div>
      <div ref={box} className="log-view-box" role="log" aria-label="Run log" aria-live="off" tabIndex={0} data-wrap={wrap} data-narrow={wide < NARROW} onScroll={onScroll}>
        <span ref={ruler} className="log-view-ruler" aria-hidden="true">{"0".repeat(100)}</span>
        <div style={{ height: rows * ROW, position: "relative" }}>
          <div style={{ position: "absolute", top: from.row * ROW, minWidth: "100%" }}>
            {shown.map(([n, line]) => (
              <div key={n} className="log-view-line" data-line={n} data-level={line?.[1] ?? ""}>
                <span className="log-view-number" style={{ width: `${digits + 1}ch` }}>{n + 1}</span>
                <span className="log-view-time">{line?.[0] ? clock.format(new Date(line[0])) : ""}</span>
                <span className="log-view-level">{line ? LEVELS[line[1]] ?? line[1] : ""}</span>
                <span className="log-view-message">{line ? line[2] : "…"}</span>
              </div>
            ))}
          </div>
        </div>
      </div>
    </div>
  );
}
