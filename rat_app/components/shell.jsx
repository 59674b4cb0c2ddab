// The parts of the shell that live in the browser alone: the sidebar (collapsed, or a sheet on a small screen) and where the focus goes.
import { useEffect, useRef, useState } from "react";
import { useLocation } from "react-router";

const KEY = "rat-sidebar", root = () => document.documentElement;
const remember = (value) => { try { localStorage.setItem(KEY, value); } catch { /* private windows may refuse; then it is not remembered */ } };

export function CollapseButton() {
  const [collapsed, setCollapsed] = useState(false);
  useEffect(() => setCollapsed(root().dataset.sidebar === "collapsed"), []);
  const toggle = () => {
    const value = collapsed ? "open" : "collapsed";
    root().dataset.sidebar = value;
    remember(value);
    setCollapsed(!collapsed);
  };
  const label = collapsed ? "Widen the sidebar" : "Narrow the sidebar";
  return (
    <button type="button" className="button button-icon collapse" aria-expanded={!collapsed} aria-controls="sidebar" aria-label={label} title={label} onClick={toggle}>
      <svg width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" aria-hidden="true"><path d={collapsed ? "M6 4l4 4-4 4" : "M10 4L6 8l4 4"} /></svg>
    </button>
  );
}

// On a small screen the sidebar is a sheet over the page; the page behind it cannot be reached while it is open.
export function SheetButton() {
  const [open, setOpen] = useState(false);
  const button = useRef(null);
  const { pathname } = useLocation();
  useEffect(() => setOpen(false), [pathname]);
  useEffect(() => {
    const sidebar = document.getElementById("sidebar"), page = document.getElementById("page");
    root().dataset.sheet = open ? "open" : "closed";
    page.inert = open;
    if (!open) return undefined;
    sidebar.querySelector("a").focus();
    const close = (event) => { if (event.key === "Escape" || (event.type === "click" && !sidebar.contains(event.target))) setOpen(false); };
    document.addEventListener("keydown", close);
    document.addEventListener("click", close, true);
    return () => {
      document.removeEventListener("keydown", close);
      document.removeEventListener("click", close, true);
      page.inert = false;
      button.current?.focus();
    };
  }, [open]);
  return (
    <button ref={button} type="button" className="button button-icon sheet-button" aria-expanded={open} aria-controls="sidebar" aria-label="Open the menu" onClick={() => setOpen(true)}>
      <svg width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" aria-hidden="true"><path d="M2 4h12M2 8h12M2 12h12" /></svg>
    </button>
  );
}

// The first stop of the Tab key. A plain link would be taken for a change of page.
export function SkipLink() {
  const skip = (event) => { event.preventDefault(); document.getElementById("content")?.focus(); };
  return <a className="skip" href="#content" onClick={skip}>Skip to content</a>;
}

// After a change of page the focus starts at its content, as it does when a browser loads one. Every page brings its own frame, so what
// was shown before is remembered outside of it.
let shown = null;

export function FocusOnArrival() {
  const page = useLocation().pathname.replace(/\/$/, "");
  useEffect(() => {
    if (shown !== null && shown !== page) document.getElementById("content")?.focus({ preventScroll: true });
    shown = page;
  }, [page]);
  return null;
}
