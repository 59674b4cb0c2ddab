"""Which program this is: its version, and which build of it."""

from __future__ import annotations

import functools
import hashlib
from importlib import metadata

DISTRIBUTION = "rat-platform"
FROM_SOURCE = "source"


@functools.cache
def version() -> str:
    """The product's version; ``source`` when it runs from a checkout that was never installed."""
    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return FROM_SOURCE


@functools.cache
def build() -> str:
    """Twelve hex digits that are equal exactly for installations of the same wheel; ``source`` when it runs from a checkout."""
    try:
        record = metadata.distribution(DISTRIBUTION).read_text("RECORD") or ""
    except metadata.PackageNotFoundError:
        return FROM_SOURCE
    packaged = [line for line in record.splitlines() if line.startswith(("rat_engine/", "rat_app/")) and "__pycache__" not in line]
    return hashlib.sha256("\n".join(sorted(packaged)).encode()).hexdigest()[:12] if packaged else FROM_SOURCE
