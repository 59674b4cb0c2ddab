// Tabs whose panels stay where they are, so that what one of them follows goes on; the address names the one that is shown.
import { Children, useEffect, useRef, useState } from "react";
import { useLocation } from "react-router";
import { tabKeys } from "./tab_keys.js";
import "./tabs.css";

// Tabs that the server draws, over one panel.
export const TabList = ({ label, children }) => <div className="tabs" role="tablist" aria-label={label} onKeyDown={tabKeys}>{children}</div>;

export function Tabs({ label, tabs, children }) {
  const panels = Children.toArray(children), list = useRef(null), { key } = useLocation();
  const [chosen, setChosen] = useState(tabs[0][0]);
  useEffect(() => {
    const named = new URLSearchParams(window.location.search).get("tab");
    setChosen(tabs.some(([id]) => id === named) ? named : tabs[0][0]);
  }, [key]); // a link may lead to another tab of the same page
  // On a phone the strip is wider than the screen: it turns to the tab that is shown, without moving the page.
  useEffect(() => {
    const strip = list.current, tab = strip.querySelector(`#tab-${chosen}`);
    const turn = () => { strip.scrollLeft = tab.offsetLeft - (strip.clientWidth - tab.offsetWidth) / 2; };
    turn();
    window.addEventListener("resize", turn);
    return () => window.removeEventListener("resize", turn);
  }, [chosen]);
  const choose = (id) => {
    setChosen(id);
    const address = new URL(window.location.href);
    if (id === tabs[0][0]) address.searchParams.delete("tab"); else address.searchParams.set("tab", id);
    window.history.replaceState(window.history.state, "", address);
  };
  return (
    <div className="tab-set">
      <div ref={list} className="tabs tab-list" role="tablist" aria-label={label} onKeyDown={tabKeys}>
        {tabs.map(([id, words, count]) => (
          <button key={id} id={`tab-${id}`} type="button" role="tab" className="tab" aria-selected={id === chosen} aria-controls={`panel-${id}`} tabIndex={id === chosen ? 0 : -1} onClick={() => choose(id)}>
            {words}{count > 0 && <span className="tab-count">{count}</span>}
          </button>
        ))}
      </div>
      {tabs.map(([id], i) => <div key={id} id={`panel-${id}`} role="tabpanel" aria-labelledby={`tab-${id}`} hidden={id !== chosen} className="tab-panel">{panels[i]}</div>)}
    </div>
  );
}
