"""Use case of the search over everything."""

from __future__ import annotations

import itertools
import re

from rat_engine.domain.access import Action, Actor
from rat_engine.domain.search import Found, FoundKind
from rat_engine.metadata import search as sql
from rat_engine.services.base import Service, action, checked_length

# What one needs to be allowed to be told that something is there.
READS = {
    FoundKind.PIPELINE: Action.PIPELINE_READ,
    FoundKind.TABLE: Action.TABLE_READ,
    FoundKind.COLUMN: Action.TABLE_READ,
    FoundKind.RUN: Action.RUN_READ,
    FoundKind.SAVED_QUERY: Action.SAVED_READ,
    FoundKind.NAMESPACE: Action.NAMESPACE_READ,
}
MAX_TEXT = 200
LIMIT = 8


class SearchService(Service):
    """What the command palette and ``rat search`` find."""

    @action(Action.SYSTEM_READ)
    def find(self, actor: Actor, text: str, limit: int = LIMIT) -> tuple[Found, ...]:
        """Pipelines, tables, columns, runs, saved queries and namespaces whose name holds every word of ``text``, the best first, at most ``limit`` of a kind.

        What ``actor`` may not read is not found. Words are separated by spaces or dots, those of a column may be partly in the name of its table;
        a run is found by the beginning of its id. Raises ValidationError for a text beyond 200 characters.
        """
        words = re.split(r"[\s.]+", checked_length(text, MAX_TEXT, "search").strip(" .").lower())
        most = min(max(limit, 1), 50)
        with self._database.read() as connection:
            kinds = sql.search(connection, words, most)
            return tuple(found for kind in kinds for found in itertools.islice((each for each in kind if self._shown(actor, each)), most))

    def _shown(self, actor: Actor, found: Found) -> bool:
        return self.allows(actor, READS[found.kind], found.table if found.kind is FoundKind.COLUMN else found.key)
