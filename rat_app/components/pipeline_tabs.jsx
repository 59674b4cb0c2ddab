// Where the tabs of a pipeline lead follows from where one is.
import { NavLink, useLocation } from "react-router";

export function PipelineTabs({ tabs }) {
  const base = useLocation().pathname.split("/").slice(0, 5).join("/");
  return (
    <nav className="page-tabs" aria-label="Parts of the pipeline">
      {tabs.map(([name, words]) => (
        <NavLink key={name} to={name ? `${base}/${name}` : base} end className="page-tab">{words}</NavLink>
      ))}
    </nav>
  );
}
