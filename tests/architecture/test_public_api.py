"""What ``import rat_engine`` offers is complete, described and documented."""

from __future__ import annotations

import inspect
import re

import rat_engine
from tests.architecture.sources import DOCS


def test_every_public_name_exists() -> None:
    assert [name for name in rat_engine.__all__ if not hasattr(rat_engine, name)] == []


def test_every_public_class_and_function_says_what_it_is() -> None:
    offered = {name: getattr(rat_engine, name) for name in rat_engine.__all__}
    silent = [name for name, value in offered.items() if callable(value) and not inspect.getdoc(value)]
    assert silent == []


def test_every_public_name_is_in_the_reference() -> None:
    documented = set(re.findall(r"`(\w+)`", (DOCS / "reference" / "python.md").read_text()))
    assert [name for name in rat_engine.__all__ if name not in documented] == []
