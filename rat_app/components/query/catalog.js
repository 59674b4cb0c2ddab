// The published tables of a namespace with their columns, read once for everybody on the page who wants them, and again when one is published.
import { useEffect, useState } from "react";

const PAGE = 500;
let held = { key: "", promise: null };

async function readAll(namespace) {
  const tables = [];
  let after = "";
  do {
    const asked = new URLSearchParams({ namespace, limit: PAGE, ...(after ? { after } : {}) });
    const answer = await fetch(`/api/v1/tables?${asked}`);
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.error?.message || `HTTP ${answer.status}`);
    tables.push(...body.tables.map(({ namespace: space, layer, name, row_count: rows, columns }) => ({ namespace: space, layer, name, rows, columns })));
    after = body.next;
  } while (after);
  return tables;
}

// {tables, problem}; tables is null before the first answer, and stays what it was while they are read again.
export function useCatalog(namespace, version) {
  const [state, setState] = useState({ tables: null, problem: "" });
  useEffect(() => {
    if (!namespace) return undefined;
    let gone = false;
    const key = `${namespace} ${version}`;
    if (held.key !== key) held = { key, promise: readAll(namespace) };
    held.promise.then((tables) => gone || setState({ tables, problem: "" })).catch((error) => {
      held = { key: "", promise: null };
      if (!gone) setState((before) => ({ ...before, problem: error.message }));
    });
    return () => { gone = true; };
  }, [namespace, version]);
  return state;
}
