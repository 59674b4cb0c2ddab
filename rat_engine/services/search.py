"""Use case of the search over everything."""

from __future__ import annotations

import re

from rat_engine.domain.access import Action, Actor
from rat_engine.domain.search import Found
from rat_engine.metadata import search as sql
from rat_engine.services.base import Service, action, checked_length

MAX_TEXT = 200
LIMIT = 8


class SearchService(Service):
    """What the command palette and ``rat search`` find."""

    @action(Action.SYSTEM_READ)
    def find(self, actor: Actor, text: str, limit: int = LIMIT) -> tuple[Found, ...]:
        """Pipelines, tables, runs, saved queries and namespaces whose name holds every word of ``text``, the best first, at most ``limit`` of a kind.

        Words are separated by spaces or dots; a run is found by the beginning of its id. Raises ValidationError for a text beyond 200 characters.
        """
        words = re.split(r"[\s.]+", checked_length(text, MAX_TEXT, "search").strip(" .").lower())
        with self._database.read() as connection:
            return tuple(sql.search(connection, words, min(max(limit, 1), 50)))
