// A search field: what is typed is the browser's until the typing pauses; the address may change it only while nobody types.
import { useEffect, useRef, useState } from "react";

const PAUSE = 250; // milliseconds after the last key

export function SearchField({ text, label, onSearch }) {
  const [value, setValue] = useState(text);
  const field = useRef(null), timer = useRef(0);
  useEffect(() => { if (document.activeElement !== field.current) setValue(text); }, [text]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const type = (event) => {
    const typed = event.target.value;
    setValue(typed);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onSearch(typed), PAUSE);
  };
  return (
    <div className="search">
      <svg className="icon" width="14" height="14" viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true"><circle cx="7" cy="7" r="4.5" /><path d="M10.5 10.5L14 14" /></svg>
      <input ref={field} className="input" type="search" name="search" aria-label={label} placeholder="Search" autoComplete="off" maxLength={200} value={value} onChange={type} />
    </div>
  );
}
