"""What supervisor and child say to each other: JSON lines over a socket pair, with descriptors where a message carries some.

A child is trusted with its answer and nothing more: what does not have the expected shape ends the child.
"""

from __future__ import annotations

import json
import socket
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, cast

from rat_engine.errors import RatError, TooLargeError

MAX_MESSAGE_BYTES = 16 * 1024 * 1024

_BLOCK = 65_536
_MAX_DESCRIPTORS = 8


class ProtocolError(RatError):
    """The other side said something that is not part of the conversation."""

    code = "protocol"


@dataclass(frozen=True, slots=True)
class Assignment:
    """To the child: carry out attempt ``attempt`` of ``subject``. ``log`` is the file of the attempt's log; empty for none."""

    subject: str
    attempt: int
    request: Mapping[str, Any] = field(default_factory=dict[str, Any])
    log: str = ""


@dataclass(frozen=True, slots=True)
class Ready:
    """From the child: everything is imported. ``note`` says where its confinement falls short; memory in bytes."""

    rss_bytes: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Unable:
    """From the child: its lane cannot be opened; it ends now."""

    message: str


@dataclass(frozen=True, slots=True)
class Answer:
    """From the child: what came of an assignment. Without ``error`` it succeeded; memory in bytes, 0 where unknown."""

    subject: str
    attempt: int
    result: Mapping[str, Any] = field(default_factory=dict[str, Any])
    error: Mapping[str, Any] = field(default_factory=dict[str, Any])
    rss_bytes: int = 0
    max_rss_bytes: int = 0

    @property
    def code(self) -> str:
        """The stable code of the error; empty after success."""
        return str(self.error.get("code", ""))

    @property
    def message(self) -> str:
        """The error in words; empty after success."""
        return str(self.error.get("message", ""))

    @property
    def details(self) -> Mapping[str, Any]:
        """What the error knows beyond its message."""
        details = self.error.get("details")
        return cast("Mapping[str, Any]", details) if isinstance(details, dict) else {}


@dataclass(frozen=True, slots=True)
class Cancel:
    """To the child: stop working on ``subject``."""

    subject: str


@dataclass(frozen=True, slots=True)
class Progress:
    """From the child: how much of an assignment is done, from 0 to 1."""

    subject: str
    share: float


Message = Assignment | Ready | Unable | Answer | Cancel | Progress

_KINDS: Mapping[str, type[Message]] = {kind.__name__: kind for kind in (Assignment, Ready, Unable, Answer, Cancel, Progress)}


class Channel:
    """One end of the socket pair."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._buffer = bytearray()
        self._descriptors: deque[int] = deque()

    def fileno(self) -> int:
        """The descriptor that becomes readable when the other side said something or is gone."""
        return self._socket.fileno()

    def send(self, message: Message, descriptors: Sequence[int] = ()) -> None:
        """Send a message with copies of ``descriptors``. Raises OSError when the other side is gone, TooLargeError for what it would not accept."""
        body = {"kind": type(message).__name__, "descriptors": len(descriptors), "body": asdict(message)}
        data = json.dumps(body, ensure_ascii=False, default=str).encode("utf-8", "replace") + b"\n"
        if len(data) > MAX_MESSAGE_BYTES:
            raise TooLargeError(f"To say what is to be done takes {len(data):,} bytes; a process is told {MAX_MESSAGE_BYTES:,}. Read fewer tables or files.")
        sent = socket.send_fds(self._socket, [data], list(descriptors)) if descriptors else self._socket.send(data)
        self._socket.sendall(data[sent:])

    def receive(self) -> tuple[list[tuple[Message, tuple[int, ...]]], bool]:
        """Wait until something can be read; the messages that are complete, each with its descriptors, and whether the other side is gone.

        Raises ProtocolError.
        """
        try:
            data, descriptors, _, _ = socket.recv_fds(self._socket, _BLOCK, _MAX_DESCRIPTORS)
        except ConnectionResetError:
            data, descriptors = b"", []
        self._descriptors.extend(descriptors)
        self._buffer += data
        if len(self._buffer) > MAX_MESSAGE_BYTES:
            raise ProtocolError(f"A message is longer than {MAX_MESSAGE_BYTES:,} bytes.")
        *lines, rest = self._buffer.split(b"\n") if b"\n" in data else (self._buffer,)
        self._buffer = bytearray(rest)
        return [self._decode(bytes(line)) for line in lines], not data

    def close(self) -> None:
        """Close this end; the other side reads the end of the conversation."""
        self._socket.close()

    def _decode(self, line: bytes) -> tuple[Message, tuple[int, ...]]:
        try:
            said = json.loads(line)
            message = _KINDS[said["kind"]](**said["body"])
            descriptors = tuple(self._descriptors.popleft() for _ in range(said["descriptors"]))
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise ProtocolError(f"A message cannot be read: {error!r}.") from error
        return message, descriptors
