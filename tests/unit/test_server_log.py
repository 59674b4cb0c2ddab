"""The server's log: one line per happening, nothing a caller sends can forge one."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Iterator

import pytest

from rat_engine.observe.server_log import LineFormatter, log_context, log_fields, start_logging

logger = logging.getLogger("rat_engine.somewhere")


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What our modules log, from info on."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter())
    logger.addHandler(handler)
    logger.setLevel("INFO")
    yield stream
    logger.removeHandler(handler)
    logger.setLevel("NOTSET")


def test_a_line_has_time_level_module_message_and_fields(written: io.StringIO) -> None:
    """P10-54: the logger's name is the module's."""
    logger.info("request", extra=log_fields(method="GET", path="/a b", status=200))
    line = written.getvalue()
    assert line.endswith('Z info rat_engine.somewhere request method=GET path="/a b" status=200\n')
    assert line[:4].isdigit()


def test_ids_of_the_context_are_in_every_line_of_it(written: io.StringIO) -> None:
    """P5-03, P10-40: also in threads and tasks begun there; not outside."""

    async def inside() -> None:
        with log_context(request_id="r-1"):
            logger.info("one")
            await asyncio.to_thread(logger.info, "two")
            with log_context(run_id="x"):
                logger.info("three")
        logger.info("four")

    asyncio.run(inside())
    assert [line.split(" ", 3)[3] for line in written.getvalue().splitlines()] == [
        "one request_id=r-1",
        "two request_id=r-1",
        "three request_id=r-1 run_id=x",
        "four",
    ]


@pytest.mark.parametrize("text", ["a\n2026-01-01T00:00:00.000Z info forged", "a\r\nb", "\x1b[31m", "\u202e", '"', "\x00"])
def test_what_a_caller_sends_stays_within_its_line(written: io.StringIO, text: str) -> None:
    logger.info("about %s", text, extra=log_fields(value=text))
    lines = written.getvalue().split("\n")
    assert len(lines) == 2
    assert lines[0].isprintable()
    assert lines[1] == ""


def test_a_traceback_follows_its_line_indented(written: io.StringIO) -> None:
    try:
        raise ZeroDivisionError("secret")
    except ZeroDivisionError:
        logger.exception("it failed")
    first, *rest = written.getvalue().splitlines()
    assert first.endswith("error rat_engine.somewhere it failed")
    assert all(line.startswith("    ") for line in rest)
    assert rest[-1].endswith("ZeroDivisionError: secret")


def test_only_what_is_asked_for_is_shown() -> None:
    stream = io.StringIO()
    kept = logging.getLogger().handlers[:]
    try:
        start_logging("warning", stream)
        logger.info("quiet")
        logger.warning("loud")
        logging.getLogger("somebody.else").info("quiet")
        logging.getLogger("somebody.else").warning("loud too")
    finally:
        logging.getLogger().handlers[:] = kept
    assert [line.split(" ", 3)[3] for line in stream.getvalue().splitlines()] == ["loud", "loud too"]
