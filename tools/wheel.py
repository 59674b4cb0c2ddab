"""What a checkout keeps at its top travels inside the packages of a wheel: migrations, front end, assets, Reflex configuration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

TRAVELLERS = {
    "alembic/env.py": "rat_engine/_alembic/env.py",
    "alembic/versions": "rat_engine/_alembic/versions",
    ".web/build/client": "rat_app/_web/build/client",
    ".web/backend": "rat_app/_web/backend",
    "rxconfig.py": "rat_app/_web/rxconfig.py",
}


class WheelHook(BuildHookInterface[Any]):
    """Adds them to a wheel; an editable installation reads them where they are."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it builds. Raises FileNotFoundError when the front end is not built."""
        if version == "editable":
            return
        for source in TRAVELLERS:
            if not Path(self.root, source).exists():
                raise FileNotFoundError(f"{source} is missing; `make build` builds the front end before the wheel.")
        build_data["force_include"].update({str(Path(self.root, source)): target for source, target in _travellers(Path(self.root))})


def _travellers(root: Path) -> Iterator[tuple[str, str]]:
    yield from TRAVELLERS.items()
    # assets/external holds links that Reflex makes while it compiles.
    yield from ((f"assets/{path.name}", f"rat_app/_web/assets/{path.name}") for path in sorted((root / "assets").iterdir()) if path.name != "external")
