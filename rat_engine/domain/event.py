"""Events: history is appended, in the transaction of the change it tells of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class EventKind(StrEnum):
    """What happened. The first word is the kind of the event's subject."""

    NAMESPACE_CREATED = "namespace.created"
    NAMESPACE_UPDATED = "namespace.updated"
    NAMESPACE_DELETED = "namespace.deleted"
    PIPELINE_CREATED = "pipeline.created"
    PIPELINE_DRAFT_SAVED = "pipeline.draft_saved"
    PIPELINE_RELEASED = "pipeline.released"
    PIPELINE_DELETED = "pipeline.deleted"
    PIPELINE_RENAMED = "pipeline.renamed"
    PIPELINE_RESTORED = "pipeline.restored"
    FILE_LANDED = "landing.file_landed"
    RUN_SUBMITTED = "run.submitted"
    RUN_STARTED = "run.started"
    RUN_STEP = "run.step"
    RUN_CANCEL_REQUESTED = "run.cancel_requested"
    RUN_FINISHED = "run.finished"
    TABLE_PUBLISHED = "table.published"
    TABLE_DOCUMENTED = "table.documented"
    QUERY_FINISHED = "query.finished"
    SAVED_CREATED = "saved.created"
    SAVED_UPDATED = "saved.updated"
    SAVED_DELETED = "saved.deleted"


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event about to be appended. ``subject`` is a run id, a query id, or a namespace, pipeline or zone name."""

    kind: EventKind
    subject: str
    actor: str
    namespace: str = ""
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])


def asked_by(request_id: str) -> Mapping[str, str]:
    """What an event says of the request that its run was asked for with: nothing where there was none."""
    return {"request_id": request_id} if request_id else {}


@dataclass(frozen=True, slots=True)
class Event:
    """An appended event; ``id`` is the cursor."""

    id: int
    at: datetime
    kind: EventKind
    subject: str
    actor: str
    namespace: str
    data: Mapping[str, Any]
