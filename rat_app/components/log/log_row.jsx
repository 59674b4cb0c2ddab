// One line of a log: its number (a link to it, copied by a click), time, level and text with what is searched for marked.
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });
const LEVELS = { debug: "DEBUG", info: "INFO", warning: "WARN", error: "ERROR" };

function since(at, begin) {
  const ms = Math.max(0, new Date(at) - begin), minutes = Math.floor(ms / 60000);
  return `+${minutes ? `${minutes}:` : ""}${((ms % 60000) / 1000).toFixed(3).padStart(minutes ? 6 : 5, "0")}`;
}

function marked(text, needle) {
  if (!needle) return text;
  const parts = [], low = text.toLowerCase(), sought = needle.toLowerCase();
  let done = 0;
  for (let at = low.indexOf(sought); at >= 0 && parts.length < 200; at = low.indexOf(sought, done)) {
    parts.push(text.slice(done, at), <mark key={at}>{text.slice(at, at + sought.length)}</mark>);
    done = at + sought.length;
  }
  return [...parts, text.slice(done)];
}

export function LogRow({ row, line, digits, needle, begin, chosen, hit, onChoose }) {
  const number = line?.[3] ?? row;
  const inside = chosen && number >= chosen.first && number <= chosen.last;
  return (
    <div className="log-view-line" data-line={number} data-level={line?.[1] ?? ""} data-chosen={inside || undefined} data-hit={number === hit || undefined}>
      <span className="log-view-number" style={{ width: `${digits + 1}ch` }} title="Click to copy a link to this line; Shift+click for a range"
        onClick={(event) => onChoose(number, event.shiftKey)}>{line ? number + 1 : ""}</span>
      <span className="log-view-time">{line?.[0] ? (begin ? since(line[0], begin) : clock.format(new Date(line[0]))) : ""}</span>
      <span className="log-view-level">{line ? LEVELS[line[1]] ?? line[1] : ""}</span>
      <span className="log-view-message">{line ? marked(line[2], needle) : "…"}</span>
    </div>
  );
}
