"""An action in the words of the other front ends, as pages offer it to be copied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rat_engine.shapes.actions import ACTIONS, copies


@dataclass(frozen=True)
class CopyView:
    """What can be done, and the texts that do it elsewhere."""

    what: str = ""
    curl: str = ""
    cli: str = ""
    python: str = ""


def copy_view(state: Any, name: str, **values: Any) -> CopyView:
    """The action ``name`` of the registry on ``values``, for whoever looks at the portal under the address of ``state``'s tab."""
    texts = copies(name, state.router.url.origin.rstrip("/"), **values)
    return CopyView(ACTIONS[name].words, texts.curl, texts.cli, texts.python)
