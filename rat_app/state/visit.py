"""What a state that outlives its page does when the page is opened: what it knows of another object is forgotten."""

from __future__ import annotations

from typing import Any

from rat_app.state.base import Failure, writing
from rat_app.state.pipeline.draft import table_at
from rat_engine import TableName


async def visit(state: Any, of: str, **anew: Any) -> None:
    """Make ``state``, whose variable ``name`` says what it is about, ready for a visit to the page of ``of``.

    About something else it begins from its defaults; about the same it keeps what it shows until that is read again. No failure of the visit
    before stands any more, and ``anew`` is assigned in any case.
    """
    async with writing(state):
        if state.name != of:
            state.reset()
            state.name = of
        for name, value in {"failure": Failure(), **anew}.items():
            setattr(state, name, value)


async def visit_table(state: Any, **anew: Any) -> tuple[str, TableName]:
    """``visit`` for a page of a table or of its pipeline: the page's path, and the name in it. Raises NotFoundError."""
    path = state.router.url.path
    table = table_at(path)
    await visit(state, str(table), **anew)
    return path, table
