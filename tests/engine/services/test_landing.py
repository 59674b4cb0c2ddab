"""Landing zones: files arrive whole or not at all."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest

from rat_engine import LOCAL_USER, Engine, FileFormat, Settings, ZoneName
from rat_engine.errors import NotFoundError, ValidationError

ZONE = ZoneName("shop", "orders")


def land(engine: Engine, name: str, content: bytes) -> None:
    engine.landing.land(LOCAL_USER, ZONE, name, io.BytesIO(content))


def test_a_landed_file_is_registered_with_its_size_and_hash_under_an_id(engine: Engine, settings: Settings) -> None:
    landed = engine.landing.land(LOCAL_USER, ZONE, "orders 2024.csv", io.BytesIO(b"a,b\n1,2\n"))
    assert (landed.filename, landed.format, landed.size_bytes) == ("orders 2024.csv", FileFormat.CSV, 8)
    assert landed.sha256 == hashlib.sha256(b"a,b\n1,2\n").hexdigest()
    assert [path.name for path in settings.landing.iterdir()] == [f"{landed.id}.csv"]
    zone = engine.landing.zone(LOCAL_USER, ZONE)
    assert (zone.file_count, zone.total_bytes) == (1, 8)


@pytest.mark.parametrize("name", ["x.exe", "x", "", "..", "a\x00.csv", "a\n.csv", "x" * 300 + ".csv", "x.csv.gz"])
def test_a_name_that_cannot_be_landed_is_refused(engine: Engine, settings: Settings, name: str) -> None:
    with pytest.raises(ValidationError):
        land(engine, name, b"a\n1\n")
    assert list(settings.landing.iterdir()) == []


@pytest.mark.parametrize("name", ["../../evil.csv", "C:\\temp\\evil.csv", "/etc/evil.csv"])
def test_only_the_last_part_of_a_path_is_kept(engine: Engine, settings: Settings, name: str) -> None:
    """P1-05: traversal reaches no path; the name on disk is an id."""
    land(engine, name, b"a\n1\n")
    assert [file.filename for file in engine.landing.files(LOCAL_USER, ZONE).items] == ["evil.csv"]
    assert not list(Path(settings.data).rglob("evil.csv"))


def test_while_a_file_arrives_its_name_tells_that_it_is_not_whole(engine: Engine, settings: Settings) -> None:
    """P2-13: one that nobody finishes is found by that name."""

    class Arriving(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            names.update(path.suffixes[-1] for path in settings.landing.iterdir())
            return super().read(size)

    names: set[str] = set()
    engine.landing.land(LOCAL_USER, ZONE, "x.csv", Arriving(b"a\n1\n"))
    assert names == {".part"}
    assert [path.suffixes for path in settings.landing.iterdir()] == [[".csv"]]


def test_content_that_contradicts_its_name_is_refused(engine: Engine) -> None:
    with pytest.raises(ValidationError, match="not a Parquet file"):
        land(engine, "x.parquet", b"a,b\n1,2\n")
    with pytest.raises(ValidationError, match="Parquet"):
        land(engine, "x.csv", b"PAR1....PAR1")
    with pytest.raises(ValidationError, match="empty"):
        land(engine, "x.csv", b"")


def test_a_file_beyond_the_limit_leaves_nothing_behind(tmp_path: Path) -> None:
    """P10-19: the size is enforced while streaming."""
    settings = Settings(data=tmp_path / "data", landing_limit_mb=1)
    with Engine.open(settings) as engine:
        with pytest.raises(ValidationError, match="RAT_LANDING_LIMIT_MB"):
            engine.landing.land(LOCAL_USER, ZONE, "big.csv", io.BytesIO(b"x" * (3 << 20)))
        with pytest.raises(NotFoundError):
            engine.landing.zone(LOCAL_USER, ZONE)
    assert list(settings.landing.iterdir()) == []


class BrokenStream(io.BytesIO):
    """Fails in the middle, as an upload whose sender went away."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise ConnectionResetError
        return super().read(10)


def test_an_upload_that_breaks_off_leaves_nothing_behind(engine: Engine, settings: Settings) -> None:
    with pytest.raises(ConnectionResetError):
        engine.landing.land(LOCAL_USER, ZONE, "x.csv", BrokenStream(b"0123456789abcdef"))
    assert list(settings.landing.iterdir()) == []


def test_the_same_content_is_found_by_its_hash(engine: Engine) -> None:
    land(engine, "x.csv", b"a\n1\n")
    found = engine.landing.find(LOCAL_USER, ZONE, hashlib.sha256(b"a\n1\n").hexdigest())
    assert found is not None
    assert found.filename == "x.csv"
    assert engine.landing.find(LOCAL_USER, ZONE, "0" * 64) is None
