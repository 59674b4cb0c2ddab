"""The repository's own files, as the architecture tests look at them."""

from __future__ import annotations

import ast
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = ROOT / "docs"


@dataclass(frozen=True)
class Module:
    """One Python file with its syntax tree."""

    path: Path

    @property
    def name(self) -> str:
        """The file's path in the repository."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def dotted(self) -> str:
        """The name that imports it."""
        return self.name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @cached_property
    def text(self) -> str:
        """Its source."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return ast.parse(self.text)


def modules(*packages: str) -> list[Module]:
    """Every module of the packages, in the order of their paths."""
    return [Module(path) for package in packages for path in sorted((ROOT / package).rglob("*.py")) if "_web" not in path.parts]


def files() -> list[Path]:
    """Every file of the repository: committed, or new and not ignored."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]
