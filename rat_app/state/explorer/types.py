"""Types that people can read: a nested one in a few words, and in full with a line for each field."""

from __future__ import annotations

import re

MAX_LENGTH = 600

_TOKEN = re.compile(r'"(?:[^"]|"")*"|[(),]|[^"(),]+')
_NEEDLESS = re.compile(r'"([a-z_][a-z0-9_]*)"')
_ARRAYS = re.compile(r"(\[\d*\])*$")
_NESTED = re.compile(r"(STRUCT|MAP)\(")


def in_short(kind: str) -> str:
    """``kind`` without what is inside: ``STRUCT[] of 3 fields``."""
    match = _NESTED.match(kind)
    if match is None:
        return kind if len(kind) <= 40 else kind[:39] + "…"
    suffix = _ARRAYS.search(kind)
    name = match[1] + (suffix[0] if suffix else "")
    if match[1] == "MAP":
        return name
    fields = _fields(kind)
    return f"{name} of {fields} field{'' if fields == 1 else 's'}"


def in_full(kind: str) -> str:
    """A nested ``kind`` with one field a line; empty for a plain one."""
    if not _NESTED.search(kind):
        return ""
    lines, depth, plain = [""], 0, 0
    for token in _TOKEN.findall(kind):
        opens = token == "(" and re.search(r"(STRUCT|MAP)$", lines[-1]) is not None
        if opens:
            depth += 1
            lines[-1] += "("
            lines.append("  " * depth)
        elif token == "," and not plain:
            lines[-1] += ","
            lines.append("  " * depth)
        elif token == ")" and not plain:
            depth -= 1
            lines.append("  " * depth + ")")
        else:
            plain += (token == "(") - (token == ")")
            lines[-1] += token.lstrip() if not lines[-1].strip() else token
    # Quotes around what needs none only stand in the way.
    text = _NEEDLESS.sub(r"\1", "\n".join(lines))
    return text if len(text) <= MAX_LENGTH else text[:MAX_LENGTH] + "…"


def _fields(kind: str) -> int:
    depth, count = 0, 1
    for token in _TOKEN.findall(kind):
        depth += (token == "(") - (token == ")")
        count += token == "," and depth == 1
    return count
