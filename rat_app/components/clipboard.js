// Copying for every page. Where the browser has no clipboard (an address without TLS) or forbids it, the old way works while a click is handled.
import { useState } from "react";

export async function copyText(text) {
  try { return await navigator.clipboard.writeText(text); } catch { /* The old way, then. */ }
  const area = Object.assign(document.createElement("textarea"), { value: text, readOnly: true });
  area.style.cssText = "position: fixed; opacity: 0";
  // Beside a modal dialog nothing can be selected.
  const place = document.querySelector("dialog[open]") ?? document.body, before = document.activeElement;
  place.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  before?.focus?.();
  if (!done) throw new Error("The browser does not let the page copy.");
}

// [words, copy]: what a button that copies ``what`` says and does; it tells for a while how that went.
export function useCopy(words, what = null) {
  const [told, setTold] = useState(null);
  const copy = async (text) => {
    const said = await copyText(text).then(() => "Copied", () => "Could not copy");
    setTold({ what, said });
    setTimeout(() => setTold(null), 2000);
  };
  return [told && told.what === what ? told.said : words, copy];
}
