// What can be completed and explained where the cursor is. Words come from the compiler's vocabulary, columns from the file's scope: there is no list here.
import { hoverTooltip } from "@codemirror/view";

const NO_ALIAS = /^(?:where|on|using|join|left|right|full|inner|outer|cross|natural|asof|semi|anti|positional|group|order|having|qualify|limit|union|except|intersect|select|window|tablesample|pivot|unpivot)$/i;
const READS = /(?:\bfrom|\bjoin|,)\s*(\{\{-?.*?-?\}\}|"[^"\n]+"|[\w.]+)(?:\s+(?:as\s+)?(\w+))?/gi;
const SHOWN_COLUMNS = 14;

const plain = (name) => name.replaceAll('"', "");
const last = (name) => plain(name).split(".").at(-1);

// Every name that columns can be asked of in this text, with its relation: aliases, tables without one, CTEs.
export function aliases(text, scope) {
  const found = new Map(), own = scope.find((relation) => relation.kind === "this"), namespace = own?.name.split(".")[0];
  const relationOf = (written) => {
    const tag = /^\{\{-?\s*(?:(this)\b|(ref|landing_zone)\(\s*['"]([\w.]+)['"])/.exec(written);
    if (tag?.[1]) return own;
    if (tag) return scope.find((relation) => relation.kind !== "cte" && [tag[3], `${namespace}.${tag[3]}`].includes(relation.name));
    return scope.find((relation) => relation.kind === "cte" && plain(relation.name).toLowerCase() === plain(written).toLowerCase());
  };
  for (const [, written, alias] of text.replace(/--.*$/gm, "").matchAll(READS)) {
    const relation = relationOf(written);
    if (relation) found.set(alias && !NO_ALIAS.test(alias) ? alias.toLowerCase() : last(relation.name).toLowerCase(), relation);
  }
  return found;
}

const column = (c) => ({ label: /^[a-z_]\w*$/i.test(c.name) ? c.name : `"${c.name}"`, type: "property", detail: c.type, info: c.description || undefined });
const word = (w) => ({ label: w.name, type: "keyword", apply: w.insert || undefined, info: w.meaning || undefined });
const key = (w) => ({ label: w.name, type: "property", apply: `${w.name}: `, info: [w.meaning, w.values.join(", ")].filter(Boolean).join(" · ") || undefined });
const named = (list, type) => list.map((label) => ({ label, type }));
const annotationsOf = (path, words) => (path.startsWith("tests/") ? words.test_annotations : words.annotations) || [];
const keysOf = (path, words) => (path === "table.yaml" ? words.table_keys : words.config_keys) || [];

function columnsIn(text, scope, of) {
  const found = aliases(text, scope);
  if (of) return (found.get(of.toLowerCase())?.columns || []).map(column);
  const all = new Map([...found.values()].flatMap((relation) => relation.columns).map((c) => [c.name, column(c)]));
  return [...all.values(), ...named([...found.keys()], "variable"), ...scope.filter((r) => r.kind === "cte").map((r) => ({ label: r.name, type: "class", detail: "CTE" }))];
}

// A completion source for ``path``; ``known`` has tables and zones, the vocabulary (words) and the scope, each as it is at that moment.
export function complete(path, known) {
  return (context) => {
    const before = context.state.sliceDoc(context.state.doc.lineAt(context.pos).from, context.pos), words = known.words || {};
    const offer = (match, options) => match && options.length ? { from: context.pos - match.at(-1).length, options, validFor: /^[\w.]*$/ } : null;
    const valued = (match, list) => match && offer(match, named(list.find((w) => w.name === match[1])?.values || [], "enum"));
    if (path.endsWith(".yaml")) {
      const list = keysOf(path, words);
      return valued(/^\s*(?:- )?(\w+):\s*(\w*)$/.exec(before), list) || offer(/^\s*(?:- )?(\w+)$/.exec(before), list.map(key));
    }
    const list = annotationsOf(path, words);
    const annotation = offer(/^--\s*@(\w*)$/.exec(before), list.map(key)) || valued(/^--\s*@(\w+):\s*(\w*)$/.exec(before), list);
    if (annotation || /^\s*--/.test(before)) return annotation;
    const inTag = /\{[{%](?:(?![%}]\}).)*$/.exec(before);
    if (inTag) {
      return offer(/\bref\(\s*['"]([\w.]*)$/.exec(before), named(known.tables || [], "class"))
        || offer(/\blanding_zone\(\s*['"]([\w.]*)$/.exec(before), named(known.zones || [], "class"))
        || offer(/\|\s*(\w*)$/.exec(before), (words.filters || []).map(word))
        || offer(/(?:^|[^\w.'"])(\w+)$/.exec(before), (words.helpers || []).map(word));
    }
    const text = context.state.doc.toString();
    return offer(/(\w+)\.(\w*)$/.exec(before), columnsIn(text, known.scope || [], /(\w+)\.\w*$/.exec(before)?.[1]))
      || offer(/(?:^|[^\w.'"])(\w+)$/.exec(before), columnsIn(text, known.scope || []));
  };
}

const element = (tag, text, name) => Object.assign(document.createElement(tag), { textContent: text, className: name || "" });

function card(title, detail, meaning, columns = []) {
  const dom = element("div", "", "cm-hover"), head = element("p", "");
  head.append(element("strong", title), " ", element("span", detail || "", "cm-hover-type"));
  dom.append(head);
  if (meaning) dom.append(element("p", meaning));
  const table = element("table", "");
  for (const c of columns.slice(0, SHOWN_COLUMNS)) {
    const row = element("tr", "");
    row.append(element("td", c.name), element("td", c.type, "cm-hover-type"));
    table.append(row);
  }
  if (columns.length) dom.append(table);
  if (columns.length > SHOWN_COLUMNS) dom.append(element("p", `and ${columns.length - SHOWN_COLUMNS} more columns`));
  return dom;
}

const rows = (relation) => (relation.row_count == null ? relation.kind.replace("cte", "CTE").replace("this", "this table") : `${relation.row_count.toLocaleString()} rows`);
const relationCard = (relation) => card(relation.name, rows(relation), relation.description, relation.columns);

// What the word at ``pos`` means; null when nothing is known of it.
export function explain(path, known, state, pos) {
  const at = state.wordAt(pos);
  if (!at) return null;
  const line = state.doc.lineAt(pos), name = state.sliceDoc(at.from, at.to), before = state.sliceDoc(line.from, at.from), words = known.words || {}, scope = known.scope || [];
  const told = (dom) => dom && { pos: at.from, end: at.to, above: true, create: () => ({ dom }) };
  const meaning = (list) => { const w = (list || []).find((each) => each.name === name); return w && told(card(w.name, w.values.join(" · "), w.meaning)); };
  if (path.endsWith(".yaml")) {
    const own = /name:\s*$/.test(before) && scope.find((r) => r.kind === "this")?.columns.find((c) => c.name === name);
    return own ? told(card(own.name, own.type, own.description)) : (/^\s*(?:- )?$/.test(before) && meaning(keysOf(path, words))) || null;
  }
  if (/^--\s*@$/.test(before)) return meaning(annotationsOf(path, words)) || null;
  if (/^\s*--/.test(before)) return null;
  if (/\{[{%](?:(?![%}]\}).)*$/.test(before)) {
    const quoted = /['"]([\w.]*)$/.exec(before), full = quoted && quoted[1] + /^[\w.]*/.exec(state.sliceDoc(at.from, line.to))[0];
    const relation = quoted && scope.find((r) => r.name === full || r.name.endsWith(`.${full}`));
    return (relation ? told(relationCard(relation)) : meaning(words.helpers)) || null;
  }
  const found = aliases(state.doc.toString(), scope), owner = /(\w+)\.$/.exec(before)?.[1]?.toLowerCase();
  const relations = owner ? [found.get(owner)].filter(Boolean) : [...found.values()];
  for (const relation of relations) {
    const c = relation.columns.find((each) => each.name.toLowerCase() === name.toLowerCase());
    if (c) return told(card(c.name, c.type, [c.description, `In ${relation.name}.`].filter(Boolean).join(" ")));
  }
  const relation = found.get(name.toLowerCase()) || scope.find((r) => r.kind === "cte" && plain(r.name) === name);
  return !owner && relation ? told(relationCard(relation)) : null;
}

export const explaining = (path, known) => hoverTooltip((view, pos) => explain(path(), known(), view.state, pos), { hoverTime: 250 });
