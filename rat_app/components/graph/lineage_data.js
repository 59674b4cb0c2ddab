// What the parts of the Lineage page share: reading REST, keeping one's place in the address, naming things.
import { useCallback, useEffect, useState } from "react";
import { useSearchParams } from "react-router";

export const API = "/api/v1/lineage";
export const STEPS = "2"; // how far one sees around a table, unless the address says otherwise
export const DRAWN = 200; // nodes that are drawn without being asked for

// The last answer stays while the next one is on its way.
export function useJson(url, revision) {
  const [state, setState] = useState({ data: null, error: "", url: "" });
  useEffect(() => {
    if (!url) { setState({ data: null, error: "", url: "" }); return undefined; }
    const ended = new AbortController();
    fetch(url, { signal: ended.signal }).then(async (answer) => {
      const body = await answer.json();
      if (!answer.ok) throw new Error(body.error?.message || `HTTP ${answer.status}`);
      setState({ data: body, error: "", url });
    }).catch((error) => { if (!ended.signal.aborted) setState({ data: null, error: error.message, url }); });
    return () => ended.abort();
  }, [url, revision]);
  return state;
}

// Where one stands: focus, column, up, down, namespace, view. Only the address knows.
export function usePlace() {
  const [parameters, setParameters] = useSearchParams();
  const place = Object.fromEntries(["focus", "column", "up", "down", "namespace", "view"].map((name) => [name, parameters.get(name) ?? ""]));
  const go = useCallback((changes) => setParameters((now) => {
    const next = new URLSearchParams(now);
    Object.entries(changes).forEach(([name, value]) => (value ? next.set(name, value) : next.delete(name)));
    return next;
  }), [setParameters]);
  return [place, go];
}

export const graphUrl = ({ focus, up, down, namespace }) => {
  const asked = new URLSearchParams(focus ? { focus, up: up || STEPS, down: down || STEPS } : {});
  if (namespace) asked.set("namespace", namespace);
  return `${API}?${asked}`;
};
export const columnsUrl = (id) => `${API}/columns/${id.split(".").map(encodeURIComponent).join("/")}`;
export const impactUrl = (table, column) => `${API}/impact?${new URLSearchParams({ table, column })}`;

export const number = (value) => (value === null || value === undefined ? "–" : value.toLocaleString("en"));
export const shortName = (id) => id.slice(id.indexOf(".") + 1);
export const plural = (count, word) => `${number(count)} ${word}${count === 1 ? "" : "s"}`;

// The columns that an impact touches, by table, each on its way up, down, or the one that was asked about.
export function touchedBy(impact) {
  const touched = {};
  const add = (table, name, way) => { (touched[table] ??= new Map()).set(name, way); };
  if (!impact) return touched;
  impact.upstream.forEach((step) => add(step.table, step.column.name, "up"));
  impact.downstream.forEach((step) => add(step.table, step.column.name, "down"));
  add(impact.table, impact.column.name, "here");
  return touched;
}
