// Where the tabs of a pipeline or table lead follows from where one is.
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { NavLink, useLocation } from "react-router";

export function PipelineTabs({ tabs, label }) {
  const strip = useRef(null);
  const path = useLocation().pathname;
  // The page was built for no name in particular, and React keeps what it finds there: only what changes after it was found is written.
  const [base, setBase] = useState("");
  useLayoutEffect(() => setBase(path.split("/").slice(0, 5).join("/")), [path]);
  // On a phone the strip is wider than the screen: it turns to where one is, without moving the page.
  useEffect(() => {
    const turn = () => {
      const here = strip.current?.querySelector('[aria-current="page"]');
      if (here) strip.current.scrollLeft = here.offsetLeft - (strip.current.clientWidth - here.offsetWidth) / 2;
    };
    turn();
    window.addEventListener("resize", turn);
    return () => window.removeEventListener("resize", turn);
  }, [path, base]);
  return (
    <nav ref={strip} className="page-tabs" aria-label={label}>
      {tabs.map(([name, words]) => (
        <NavLink key={name} to={name ? `${base}/${name}` : base || "/"} end className="page-tab">{words}</NavLink>
      ))}
    </nav>
  );
}
