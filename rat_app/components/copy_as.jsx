// The same action elsewhere: a menu of texts to copy.
import { useEffect, useRef } from "react";
import { CopyButton } from "../error/error.jsx";
import "./copy_as.css";

const WAYS = [["curl", "curl"], ["cli", "Command line"], ["python", "Python"]];

export function CopyAs({ what, curl, cli, python }) {
  const menu = useRef(null);
  const texts = { curl, cli, python };
  useEffect(() => {
    const outside = (event) => { if (!menu.current?.contains(event.target)) menu.current?.removeAttribute("open"); };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, []);
  const closed = (event) => {
    if (event.key !== "Escape" || !menu.current.open) return;
    menu.current.open = false;
    menu.current.querySelector("summary").focus();
  };
  return (
    <details ref={menu} className="copy-as" onKeyDown={closed}>
      <summary className="button button-plain">Copy as</summary>
      <div className="copy-as-menu" role="group" aria-label={`${what}, elsewhere`}>
        <p className="muted">{what}, elsewhere:</p>
        {WAYS.map(([way, words]) => (
          <div key={way} className="copy-as-way">
            <div className="row"><strong className="grow">{words}</strong>
              <CopyButton text={texts[way]} label="Copy" name={`Copy ${words}`} />
            </div>
            <pre className="copy-as-text" tabIndex={0} role="group" aria-label={words}>{texts[way]}</pre>
          </div>
        ))}
      </div>
    </details>
  );
}
