"""Everything one can do in the portal, and how the same is done over REST, on the command line and in Python.

One entry a service method. The portal's "copy as" reads it; a test compares it with the portal's handlers, the REST routes, the
commands and the services, so that no front end can do what another cannot.
"""

from __future__ import annotations

from collections.abc import Mapping

from rat_engine.shapes.actions import landing, lineage, namespaces, pipelines, queries, revisions, runs, saved, system, tables
from rat_engine.shapes.actions.twin import Copies, Twin

__all__ = ["ACTIONS", "Copies", "Twin", "copies"]

ACTIONS: Mapping[str, Twin] = {
    twin.name: twin
    for entries in (
        landing.TWINS,
        lineage.TWINS,
        namespaces.TWINS,
        pipelines.TWINS,
        queries.TWINS,
        revisions.TWINS,
        runs.TWINS,
        saved.TWINS,
        system.TWINS,
        tables.TWINS,
    )
    for twin in entries
}


def copies(name: str, address: str, **values: object) -> Copies:
    """The action ``name`` on ``values`` as a shell line with curl, as a shell line with ``rat``, and in Python.

    ``address`` is where RAT answers, for example ``http://127.0.0.1:3000``. Raises KeyError for an unknown action or a value that is missing.
    """
    return ACTIONS[name].copies(address, values)
