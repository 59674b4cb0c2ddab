// What a person is told while the connection to the server is gone, and for a moment after it came back. Reflex tries it again, at most two seconds apart.
import { useContext, useEffect, useState } from "react";
import { useBlocker, useNavigate } from "react-router";
import { EventLoopContext } from "$/utils/context-registry";
import "./connection.css";

// Milliseconds: how long a gap is nobody's business, when more is said about it, how long its end is told.
const CALM = 600, LONG = 15000, BACK = 5000;

// Another page waits: the server cannot send its code, and the browser would put its own error in place of what is still readable. Mounted
// while the connection is gone and no longer, because a router asks the blocker that came last: before and after, that is the page's own.
function HeldPage({ onHold }) {
  const blocker = useBlocker(({ currentLocation, nextLocation }) => currentLocation.pathname !== nextLocation.pathname);
  useEffect(() => { if (blocker.state === "blocked") onHold(blocker.location); }, [blocker.state, blocker.location]);
  return null;
}

export function Connection() {
  const [, errors] = useContext(EventLoopContext);
  const [told, setTold] = useState(""), [held, setHeld] = useState(null);
  const navigate = useNavigate();
  const lost = errors.length > 0, gone = told === "lost" || told === "long";
  useEffect(() => { document.documentElement.dataset.connection = gone ? "lost" : "fine"; }, [gone]);
  useEffect(() => {
    if (!lost) setTold((before) => before && "back");
    const steps = lost ? [["lost", CALM], ["long", LONG]] : [["", BACK]];
    const timers = steps.map(([step, after]) => setTimeout(() => setTold(step), after));
    return () => timers.forEach(clearTimeout);
  }, [lost]);
  useEffect(() => { // what is pressed waits to be sent: once, however often it is pressed
    if (!lost) return undefined;
    const pressed = new WeakSet();
    const once = (event) => {
      const button = event.target.closest?.("button.button:not(.button-icon)");
      if (button && pressed.has(button)) { event.preventDefault(); event.stopPropagation(); } else if (button) pressed.add(button);
    };
    document.addEventListener("click", once, true);
    return () => document.removeEventListener("click", once, true);
  }, [lost]);
  useEffect(() => {
    if (lost || !held) return;
    setHeld(null);
    navigate(held);
  }, [lost, held]);
  return (
    <>
      {lost && <HeldPage onHold={setHeld} />}
      {told === "back" && <p role="status" className="offline offline-over">The connection to RAT is back.</p>}
      {gone && (
        <div role="alert" className="offline">
          <strong>{navigator.onLine ? "The connection to RAT is gone" : "This computer is offline"}</strong>
          <p>Read on and type on: what you typed stays. What you press{held ? " and the page you asked for wait" : " waits"} until it is back; it is tried again every two seconds.</p>
          {told === "long" && <p>Perhaps RAT was stopped. Where it runs, <code>rat up</code> starts it again, and this page goes on by itself.</p>}
        </div>
      )}
    </>
  );
}
