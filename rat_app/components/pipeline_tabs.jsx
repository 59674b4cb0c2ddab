// Where the tabs of a pipeline or table lead follows from where one is.
import { NavLink, useLocation } from "react-router";

export function PipelineTabs({ tabs, label }) {
  const base = useLocation().pathname.split("/").slice(0, 5).join("/");
  return (
    <nav className="page-tabs" aria-label={label}>
      {tabs.map(([name, words]) => (
        <NavLink key={name} to={name ? `${base}/${name}` : base} end className="page-tab">{words}</NavLink>
      ))}
    </nav>
  );
}
