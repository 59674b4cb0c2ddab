"""The supervisor's event loop where a real run would reach it only by bad luck."""

from __future__ import annotations

from pathlib import Path

from rat_engine.worker.loop import Loop


def test_an_interrupt_after_the_end_writes_into_nobodys_file(tmp_path: Path) -> None:
    """The numbers of closed descriptors are given out again at once."""
    loop = Loop()
    loop.close()
    files = [(tmp_path / str(number)).open("wb") for number in range(8)]
    loop.interrupt()
    loop.close()
    for file in files:
        file.close()
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b""] * 8
