"""Who (actor) wants what (action) on what (resource)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """Everything a service method can ask permission for."""

    NAMESPACE_READ = "namespace.read"
    NAMESPACE_WRITE = "namespace.write"
    PIPELINE_READ = "pipeline.read"
    PIPELINE_WRITE = "pipeline.write"
    PIPELINE_RELEASE = "pipeline.release"
    PIPELINE_DELETE = "pipeline.delete"
    RUN_READ = "run.read"
    RUN_SUBMIT = "run.submit"
    RUN_CANCEL = "run.cancel"
    LANDING_READ = "landing.read"
    LANDING_WRITE = "landing.write"
    TABLE_READ = "table.read"
    TABLE_WRITE = "table.write"
    QUERY = "query"
    SAVED_READ = "saved.read"
    SAVED_WRITE = "saved.write"
    EVENT_READ = "event.read"
    SYSTEM_READ = "system.read"


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts. Accounts come later; until then everybody at this machine is the local user."""

    name: str
    kind: str = "user"


LOCAL_USER = Actor("local")
SYSTEM = Actor("system", "system")
