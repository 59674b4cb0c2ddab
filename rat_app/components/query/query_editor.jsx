// Several queries being written, each in a tab with its own text and its own last result. All of it lives in this browser: a reload, a crash
// or a restarted server loses nothing.
import { useEffect, useMemo, useReducer, useRef, useState } from "react";
import { CodeEditor } from "../../editor/code_editor/code_editor.jsx";
import { ahead } from "../../grid/result_grid/ahead.js";
import { useCatalog } from "./catalog.js";
import { QueryTabs } from "./query_tabs.jsx";
import { isTyped } from "../../guarded_form/kept.js";
import { TEXTS, bases, bring, change, close, isTabs, found, keep, load, newTab, pathOf, reopen, takeOver, textOf, withTyped } from "./query_store.js";

const PAUSE = 250; // milliseconds: several reasons to estimate are one, and the editor itself waits for a pause of typing first

export function QueryEditor({ namespace, version, note, last, incoming, linked, problems, target, onPick, onRun, onEstimate, onSave, onTurn, onExplain }) {
  const [store, setStore] = useState(null);
  const [heard, hear] = useReducer((turn) => turn + 1, 0);
  const seen = useRef({}), now = useRef(null), due = useRef(0);
  const { tables } = useCatalog(namespace, version);
  const names = useMemo(() => ({ catalog: tables ?? [] }), [tables]);
  now.current = store;
  const put = (next) => { now.current = next; keep(next); setStore(next); };
  const shown = store?.tabs.find((tab) => tab.id === store.active);
  const estimate = (selection) => {
    clearTimeout(due.current);
    due.current = setTimeout(() => {
      const tab = now.current?.tabs.find((each) => each.id === now.current.active);
      if (tab) onEstimate?.(tab.id, textOf(tab), selection ?? {});
    }, PAUSE);
  };

  useEffect(() => {
    put(found());
    takeOver((act) => put(act(now.current)));
    const elsewhere = (event) => { // another window of this browser
      if (isTyped(TEXTS, event)) hear();
      if (!isTabs(event)) return;
      const other = load(now.current.active), mine = withTyped(other, now.current);
      if (mine === other) setStore(now.current = other);
      else put(mine);
    };
    window.addEventListener("storage", elsewhere);
    return () => { window.removeEventListener("storage", elsewhere); clearTimeout(due.current); };
  }, []);
  useEffect(() => {
    if (!shown) return;
    onPick?.(shown.id, shown.query, shown.namespace);
    estimate();
  }, [shown?.id]);
  useEffect(() => { // what two-part names mean belongs to the tab
    if (shown && namespace && shown.namespace !== namespace && shown.id === last?.picked) put(change(now.current, shown.id, { namespace }));
    if (shown && namespace) estimate();
  }, [namespace, last?.picked, version]);
  useEffect(() => { if (last?.query) ahead(`/api/v1/queries/${last.query}/rows`); }, [last?.query]);
  useEffect(() => { if (store && last?.query) put(change(now.current, last.tab, { query: last.query })); }, [last?.query, Boolean(store)]);
  useEffect(() => {
    if (!store || !incoming?.key || seen.current.incoming === incoming.key || sessionStorage.getItem(`${TEXTS}-taken`) === incoming.key) return;
    seen.current.incoming = incoming.key;
    sessionStorage.setItem(`${TEXTS}-taken`, incoming.key);
    const next = bring(now.current, incoming);
    put(next);
    // The address has been read: a reload does not bring its text once more.
    if (window.location.search.match(/[?&](sql|saved)=/)) window.history.replaceState(window.history.state, "", window.location.pathname);
    if (incoming.run) onRun?.(next.active, incoming.sql, {});
  }, [incoming?.key, Boolean(store)]);
  useEffect(() => {
    if (!store || !linked?.key || seen.current.linked === linked.key) return;
    seen.current.linked = linked.key;
    const values = { name: linked.name, saved: linked.saved, savedSql: linked.sql };
    if (linked.saved) put({ ...now.current, tabs: now.current.tabs.map((tab) => (tab.id === linked.tab || tab.saved === linked.saved ? { ...tab, ...values, ...(tab.id === linked.tab ? {} : { savedSql: tab.savedSql }) } : tab)) });
    else put({ ...now.current, tabs: now.current.tabs.map((tab) => (tab.saved === linked.gone ? { ...tab, saved: "", savedSql: "" } : tab)) });
  }, [linked?.key, Boolean(store)]);

  const files = useMemo(() => bases(store?.tabs ?? []), [store?.tabs.map((tab) => `${tab.id} ${tab.base}`).join(), heard]);
  // A command of the editor, on the tab that is shown.
  const on = (act) => (_changed, selection) => { if (shown) act(textOf(shown), selection); };
  const dirty = (tab) => Boolean(tab.saved) && textOf(tab) !== tab.savedSql;
  return (
    <div className="query-editor">
      {store && (
        <QueryTabs tabs={store.tabs} active={store.active} dirty={dirty} closed={store.closed.length} note={note}
          onPick={(id) => put({ ...now.current, active: id })} onClose={(id) => put(close(now.current, id))}
          onName={(id, name) => put(change(now.current, id, { name }))} onReopen={() => put(reopen(now.current))}
          onNew={() => { const tab = newTab(now.current.tabs, { namespace }); put({ ...now.current, tabs: [...now.current.tabs, tab], active: tab.id }); }} />
      )}
      <div className="bench-editor">
        <CodeEditor files={files} revision={0} path={shown ? pathOf(shown) : ""} label="SQL" problems={problems} target={target} names={names} templated={false}
          storageKey={TEXTS} onSubmit={on((text, selection) => onRun?.(shown.id, text, selection))} onSave={on((text) => onSave?.(shown.id, text, shown.saved, shown.name))}
          onTurn={on((text, selection) => onTurn?.(shown.id, text, selection, shown.name))} onExplain={on((text, selection) => onExplain?.(shown.id, text, selection))} onCheck={on((_text, selection) => { setStore((before) => ({ ...before })); estimate(selection); })} />
      </div>
    </div>
  );
}
