// Prose that the server took from Markdown: texts, and elements as [tag, attributes, children]. Nothing is parsed as HTML.
import { createElement } from "react";

const EXTRA = {
  a: { className: "link", rel: "noopener noreferrer" },
  pre: { className: "source", tabIndex: 0, role: "group", "aria-label": "Example" },
};

function draw(node, key) {
  if (typeof node === "string") return node;
  const [tag, attributes, children] = node;
  return createElement(tag, { key, ...EXTRA[tag], ...attributes }, ...children.map(draw));
}

export const Prose = ({ nodes }) => <div className="prose">{nodes.map(draw)}</div>;
