"""What the command palette finds, and what it does on the server."""

from __future__ import annotations

from dataclasses import dataclass

import reflex as rx

from rat_app import routes
from rat_app.engine import call, engine
from rat_app.state.base import Failure, actor_of, handler, notify
from rat_app.state.lists import LIMIT
from rat_engine import Action, Found, FoundKind, TableName

RUN = "run"
RUN_PIPELINE = "run_pipeline"


@dataclass(frozen=True)
class Hit:
    """One line of the palette: ``to`` is where it leads; one of the kind ``run_pipeline`` leads nowhere, it runs ``key``."""

    kind: str
    key: str
    title: str
    more: str
    to: str


@dataclass(frozen=True)
class Hits:
    """What was found for ``text``."""

    text: str
    hits: tuple[Hit, ...]


class PaletteState(rx.State):
    """The newest finding."""

    found: rx.Field[Hits] = rx.field(default_factory=lambda: Hits("", ()))
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)

    @handler(Action.SYSTEM_READ, "search", does="search.find", shows="failure")
    async def search(self, text: str) -> None:
        """Find what is called ``text``; after the word run, pipelines to run."""
        verb, _, rest = text.strip().partition(" ")
        runs = verb.lower() == RUN and bool(rest.strip())
        found = await call(engine().search.find, actor_of(self), rest if runs else text)
        hits = [_run_hit(one) for one in found if one.kind is FoundKind.PIPELINE] if runs else [_hit(one) for one in found]
        self.found = Hits(text, tuple(hits))

    @handler(Action.RUN_SUBMIT, "run the pipeline", does="runs.submit")
    async def run(self, name: str) -> None:
        """Run a pipeline's released version, and say where it can be watched."""
        run = await call(engine().runs.submit, actor_of(self), TableName.parse(name))
        await notify(self, f"Running {name}", href=routes.run(run.id), action="Watch the run")


def _run_hit(found: Found) -> Hit:
    return Hit(RUN_PIPELINE, found.key, f"Run {found.title}", found.more, "")


def _hit(found: Found) -> Hit:
    return Hit(found.kind.value, found.key, found.title, found.more.partition("\n")[0][:120], _address(found))


def _address(found: Found) -> str:
    match found.kind:
        case FoundKind.PIPELINE:
            return routes.pipeline(*found.key.split("."))
        case FoundKind.TABLE:
            return routes.table(*found.key.split("."))
        case FoundKind.COLUMN:
            page = (found.place - 1) // LIMIT
            namespace, layer, name = found.table.split(".")
            return routes.table(namespace, layer, name, "columns", page=str(page + 1) if page else "")
        case FoundKind.RUN:
            return routes.run(found.key)
        case FoundKind.SAVED_QUERY:
            return routes.query(saved=found.key)
        case FoundKind.NAMESPACE:
            return routes.pipelines(namespace=found.key)
