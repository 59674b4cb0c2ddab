// Where in a log somebody is: the lines that the address names, and a scroll bar that reaches further than a browser lets an element grow.
const TALLEST = 8_000_000; // pixels; browsers stop between 17 and 33 million

// ``#L120-L130`` as {first, last}, counted from 0; null when the address names no lines.
export function linesOf(hash) {
  const match = /^#L(\d{1,10})(?:-L(\d{1,10}))?$/.exec(hash);
  if (!match) return null;
  const [a, b] = [Number(match[1]) - 1, Number(match[2] ?? match[1]) - 1];
  return a < 0 || b < 0 ? null : { first: Math.min(a, b), last: Math.max(a, b) };
}

export const hashOf = ({ first, last }) => `#L${first + 1}${last > first ? `-L${last + 1}` : ""}`;

// The address with these lines; the page is not left, so nothing is loaded anew.
export function show(chosen) {
  const address = new URL(window.location.href);
  address.hash = hashOf(chosen);
  window.history.replaceState(window.history.state, "", address);
  return address.href;
}

// The bar's height for content of ``real`` pixels in a box of ``tall``, and how many pixels of content one of the bar stands for.
export function barOf(real, tall) {
  const bar = Math.min(real, TALLEST);
  return { bar, scale: bar > tall && real > bar ? (real - tall) / (bar - tall) : 1 };
}

// Where the content is after the bar moved by ``moved`` to ``bar``: small steps are steps of the content, large ones a pull at the bar.
export const placeOf = (bar, moved, place, tall, scale) => (scale > 1 && Math.abs(moved) < 2 * tall ? place + moved : bar * scale);
