"""The demo: real files to land and the pipelines that read them. Only data; ``services.demo`` loads it."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files as resource_files
from importlib.resources.abc import Traversable

from rat_engine.domain.names import ZoneName

NAMESPACE = "flights"
NAMESPACE_DESCRIPTION = "Demo: flights that left New York City in January to March 2013, with airlines, airports, planes and weather."

_ZONES = {
    "flights": ("Flights that left New York, one file a month.", ("flights_2013_01.csv", "flights_2013_02.csv", "flights_2013_03.csv")),
    "weather": ("Hourly weather at New York's three airports.", ("weather_2013_q1.csv",)),
    "planes": ("Registrations of planes.", ("planes.csv",)),
    "airports": ("Names and places of airports.", ("airports.csv",)),
    "airlines": ("Codes and names of airlines.", ("airlines.csv",)),
}


@dataclass(frozen=True, slots=True)
class DemoZone:
    """A landing zone of the demo: its name, what it is for, and the names of its files."""

    name: ZoneName
    description: str
    filenames: tuple[str, ...]


def zones() -> tuple[DemoZone, ...]:
    """The demo's landing zones."""
    return tuple(DemoZone(ZoneName(NAMESPACE, name), description, names) for name, (description, names) in _ZONES.items())


def content(filename: str) -> bytes:
    """The content of one of the demo's files: CSV, at most 3 MB."""
    return gzip.decompress(_folder().joinpath("data", f"{filename}.gz").read_bytes())


def tree() -> dict[str, str]:
    """The demo's pipelines as a folder tree: path → text, as ``rat export`` writes it."""
    return dict(sorted(_texts(_folder().joinpath("tree"), "")))


def _folder() -> Traversable:
    return resource_files("rat_engine.demo")


def _texts(folder: Traversable, prefix: str) -> Iterator[tuple[str, str]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _texts(entry, f"{prefix}{entry.name}/")
        else:
            yield prefix + entry.name, entry.read_text(encoding="utf-8")
