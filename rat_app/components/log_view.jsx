// A run's log. Every line has a number and is kept under it, so a chunk that comes twice changes nothing and one that got lost is a hole
// that is seen and fetched: live chunks come as state, missing ones are asked for by event, pages that scroll into view by REST.
import { useEffect, useReducer, useRef, useState } from "react";
import "./log_view.css";

const PAGE = 500, KEEP = 20; // 20 pages: at most 10,000 lines in memory
const ROW = 20, OVERSCAN = 10, NARROW = 600; // pixels, rows, pixels
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });
const LEVELS = { debug: "DEBUG", info: "INFO", warning: "WARN", error: "ERROR" };

// Lines by number, in pages; the pages farthest from what is looked at are dropped.
class Lines {
  constructor() { this.pages = new Map(); this.total = 0; }
  put(start, lines, end) {
    lines.forEach((line, i) => {
      const n = start + i, p = Math.floor(n / PAGE);
      if (!this.pages.has(p)) this.pages.set(p, { lines: [], rows: 0, at: 0 });
      const page = this.pages.get(p);
      page.lines[n % PAGE] = line;
      page.rows = 0;
    });
    this.total = Math.max(this.total, end, start + lines.length);
  }
  get(n) { return this.pages.get(Math.floor(n / PAGE))?.lines[n % PAGE]; }
  count(p) { return Math.min(PAGE, this.total - p * PAGE); }
  rows(p, columns) { // how many rows a page takes; a line that is not here counts as one
    const page = this.pages.get(p), count = this.count(p);
    if (!page) return count;
    if (!page.rows || page.columns !== columns || page.count !== count) {
      page.rows = count;
      page.lines.forEach((line) => { if (line) page.rows += height(line, columns) - 1; });
      Object.assign(page, { columns, count });
    }
    return page.rows;
  }
  forget(near) {
    const far = [...this.pages.keys()].sort((a, b) => Math.abs(b - near) - Math.abs(a - near));
    for (const p of far.slice(0, Math.max(0, far.length - KEEP))) this.pages.delete(p);
  }
}
const height = ([, , message], columns) => message.split("\n").reduce((sum, part) => sum + (columns ? Math.max(1, Math.ceil(part.length / columns)) : 1), 0);

// The first line to draw and the row it starts at, for a scroll position in rows.
function locate(log, columns, wanted) {
  let row = 0, p = 0;
  for (const last = Math.ceil(log.total / PAGE) - 1; p < last; p++) {
    const rows = log.rows(p, columns);
    if (row + rows > wanted) break;
    row += rows;
  }
  let n = p * PAGE;
  for (; n < log.total - 1; n++) {
    const line = log.get(n), rows = line ? height(line, columns) : 1;
    if (row + rows > wanted) break;
    row += rows;
  }
  return { n, row };
}

export function LogView({ url, chunk, onGap }) {
  const box = useRef(null), ruler = useRef(null), scrolled = useRef(0), following = useRef(true), due = useRef(false), next = useRef(0), asked = useRef(new Set());
  const log = useRef(null), source = useRef(url);
  const [wrap, setWrap] = useState(true);
  const [follow, setFollow] = useState(true);
  const [, draw] = useReducer((x) => x + 1, 0);
  if (!log.current || source.current !== url) { log.current = new Lines(); source.current = url; next.current = 0; asked.current.clear(); }
  following.current = follow;
  const redraw = () => {
    if (due.current) return;
    due.current = true;
    requestAnimationFrame(() => { due.current = false; draw(); });
  };

  useEffect(() => {
    if (!chunk?.lines) return;
    // Where nothing is held yet, what lies before the first chunk is paged in when it is scrolled to.
    if (chunk.start > next.current && log.current.total) onGap?.(next.current, chunk.start);
    log.current.put(chunk.start, chunk.lines, chunk.end);
    next.current = Math.max(next.current, chunk.start + chunk.lines.length);
    redraw();
  }, [chunk]);

  const fetchPage = (p) => {
    const key = `${p}:${log.current.count(p)}`;
    if (asked.current.has(key)) return;
    asked.current.add(key);
    fetch(`${url}${url.includes("?") ? "&" : "?"}after=${p * PAGE}&limit=${PAGE}`).then((answer) => answer.ok ? answer.json() : Promise.reject(new Error(`HTTP ${answer.status}`))).then((page) => {
      log.current.put(page.start, page.logs.map((line) => [line.timestamp, line.level, line.message]), page.next);
    }).catch((error) => {
      log.current.put(p * PAGE, [[null, "error", `This part of the log could not be read (${error.message}). Scroll away and back to try again.`]], 0);
      setTimeout(() => asked.current.delete(key), 2000);
    }).finally(redraw);
  };

  const wide = box.current?.clientWidth ?? 0, digits = String(log.current.total).length;
  const before = digits + 3 + (wide < NARROW ? 0 : 20); // characters of number, time and level, as log_view.css lays them out
  const columns = wrap && wide ? Math.max(20, Math.floor((wide - 24) / (ruler.current.getBoundingClientRect().width / 100)) - before) : 0;
  let rows = 0;
  for (let p = 0; p * PAGE < log.current.total; p++) rows += log.current.rows(p, columns);
  const tall = box.current?.clientHeight ?? 400;
  const top = follow ? Math.max(0, rows * ROW - tall) : Math.min(scrolled.current, Math.max(0, rows * ROW - tall));
  const from = locate(log.current, columns, Math.max(0, Math.floor(top / ROW) - OVERSCAN));
  const shown = [];
  for (let n = from.n, left = Math.ceil(tall / ROW) + 2 * OVERSCAN + 1; n < log.current.total && left > 0; n++) {
    const line = log.current.get(n);
    shown.push([n, line]);
    left -= line ? height(line, columns) : 1;
  }
  useEffect(() => {
    const missing = new Set(shown.filter(([, line]) => !line).map(([n]) => Math.floor(n / PAGE)));
    missing.forEach(fetchPage);
    log.current.forget(Math.floor(from.n / PAGE));
    if (following.current) box.current.scrollTop = box.current.scrollHeight;
  });
  useEffect(() => {
    const sized = new ResizeObserver(redraw);
    sized.observe(box.current);
    return () => sized.disconnect();
  }, []);
  const onScroll = ({ currentTarget: el }) => {
    const up = el.scrollTop < scrolled.current - 1;
    scrolled.current = el.scrollTop;
    if (el.scrollTop + el.clientHeight >= el.scrollHeight - ROW) setFollow(true);
    else if (up) setFollow(false);
    redraw();
  };
  const toggle = (name, on, set) => <button type="button" className="log-view-toggle" aria-pressed={on} onClick={() => set(!on)}>{name}</button>;
  return (
    <div className="log-view">
      <div className="log-view-bar">
        <span data-testid="log-count">{log.current.total.toLocaleString("en-US")} {log.current.total === 1 ? "line" : "lines"}</span>
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
