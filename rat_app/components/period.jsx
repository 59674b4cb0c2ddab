// A period of time: presets, or two moments in the reader's own zone, which is named.
import { useEffect, useRef, useState } from "react";

const PRESETS = [["", "Any time"], ["1h", "Last hour"], ["24h", "Last 24 hours"], ["7d", "Last 7 days"], ["30d", "Last 30 days"], ["custom", "From … until …"]];
const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
const pad = (value) => String(value).padStart(2, "0");

function local(text) {
  const at = new Date(text);
  return text && !Number.isNaN(at.getTime()) ? `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}T${pad(at.getHours())}:${pad(at.getMinutes())}` : "";
}
const moment = (text) => (text ? new Date(text).toISOString() : "");

// Told when it is left or Enter is pressed: a moment that is being typed is a wrong one until its last digit.
function Edge({ label, value, onSend }) {
  const field = useRef(null);
  useEffect(() => { field.current.value = local(value); }, [value]);
  const send = () => { if (field.current.value && field.current.value !== local(value)) onSend(moment(field.current.value)); };
  return <label className="row-tight">{label}<input ref={field} className="input input-fit" type="datetime-local" onBlur={send} onKeyDown={(event) => event.key === "Enter" && send()} /></label>;
}

export function Period({ period, begin, end, onChoose }) {
  const [open, setOpen] = useState(false);
  const custom = open || begin || end;
  const choose = (value) => {
    setOpen(value === "custom");
    if (value !== "custom") onChoose(value, "", "");
  };
  return (
    <div className="row">
      <select className="input input-fit" aria-label="Started" value={custom ? "custom" : period} onChange={(event) => choose(event.target.value)}>
        {PRESETS.map(([value, words]) => <option key={value} value={value}>{words}</option>)}
      </select>
      {custom && <>
        <Edge label="From" value={begin} onSend={(value) => onChoose("", value, end)} />
        <Edge label="until" value={end} onSend={(value) => onChoose("", begin, value)} />
        <span className="muted" suppressHydrationWarning>{zone()}</span>
      </>}
    </div>
  );
}
