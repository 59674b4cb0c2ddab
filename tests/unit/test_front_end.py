"""When the front end is built again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.front_end import fingerprint


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("rat_app/pages/home.py", "rat_app/api/runs.py", "rat_engine/domain/run.py", "assets/rat.css", "rxconfig.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("before")
    return tmp_path


@pytest.mark.parametrize("name", ["rat_app/pages/home.py", "rat_engine/domain/run.py", "assets/rat.css", "rxconfig.py", "rat_app/components/new.jsx"])
def test_a_changed_or_new_input_asks_for_a_build(tree: Path, name: str) -> None:
    before = fingerprint(tree)
    (tree / name).parent.mkdir(exist_ok=True)
    (tree / name).write_text("after")
    assert fingerprint(tree) != before


def test_a_removed_or_renamed_input_asks_for_a_build(tree: Path) -> None:
    before = fingerprint(tree)
    (tree / "assets" / "rat.css").rename(tree / "assets" / "cat.css")
    renamed = fingerprint(tree)
    (tree / "assets" / "cat.css").unlink()
    assert len({before, renamed, fingerprint(tree)}) == 3


@pytest.mark.parametrize("name", ["rat_app/api/runs.py", "rat_engine/worker/new.py", "rat_app/pages/__pycache__/home.pyc", "assets/external/link.jsx"])
def test_what_the_front_end_is_not_built_from_asks_for_nothing(tree: Path, name: str) -> None:
    before = fingerprint(tree)
    (tree / name).parent.mkdir(parents=True, exist_ok=True)
    (tree / name).write_text("after")
    assert fingerprint(tree) == before
