"""A file sent as multipart/form-data, handed on while it arrives: never whole in memory, never twice on disk."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, BinaryIO, cast

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from rat_engine import Actor, LandingFile, TooLargeError, ValidationError, ZoneName

MEBIBYTE = 1 << 20
# Boundaries and part headers around the file itself.
ENVELOPE_BYTES = 64 * 1024
BUFFER_BYTES = MEBIBYTE

UPLOAD_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "additionalProperties": False,
                    "properties": {"file": {"type": "string", "format": "binary", "description": "The file; its name ends in .csv or .parquet."}},
                }
            }
        },
    }
}

# Threads of their own: a file that comes over a slow line holds one until its end, and the pages need theirs.
UPLOADS_AT_A_TIME = 4
_STORING = ThreadPoolExecutor(UPLOADS_AT_A_TIME, thread_name_prefix="rat-upload")

Store = Callable[[Actor, ZoneName, str, BinaryIO], LandingFile]


class Upload:
    """One file on its way in."""

    def __init__(self, parts: _Parts, chunks: AsyncIterator[bytes], limit_mb: int) -> None:
        self._parts = parts
        self._chunks = chunks
        self._limit_mb = limit_mb
        self._taken = 0

    @classmethod
    async def begin(cls, request: Request, limit_mb: int) -> Upload:
        """Read until the file's name is known. Raises TooLargeError where the announced size is, ValidationError for another kind of body."""
        kind, options = parse_options_header(request.headers.get("content-type"))
        if kind != b"multipart/form-data" or b"boundary" not in options:
            raise ValidationError("Send the file as multipart/form-data in a field called 'file'.")
        announced = request.headers.get("content-length", "")
        upload = cls(_Parts(options[b"boundary"]), request.stream(), limit_mb)
        if announced.isdecimal():
            upload.check_size(int(announced))
        while not upload.named and await upload.advance():
            pass
        if not upload.named:
            raise ValidationError("There is no file in the body: send it in a field called 'file'.")
        return upload

    @property
    def named(self) -> bool:
        """Whether the file's name has arrived."""
        return bool(self._parts.filename)

    def check_size(self, size: int) -> None:
        """Raises TooLargeError."""
        if size > self._limit_mb * MEBIBYTE + ENVELOPE_BYTES:
            raise TooLargeError(f"The file is larger than {self._limit_mb:,} MiB, the most a landing zone accepts (RAT_LANDING_LIMIT_MB).")

    async def advance(self) -> bool:
        """Take the next piece of the body; whether there was one. Raises ValidationError where the body is broken."""
        chunk = await anext(self._chunks, None)
        if chunk is None:
            self._parts.finish()
            return False
        self._taken += len(chunk)
        self.check_size(self._taken)
        self._parts.feed(chunk)
        return True

    async def store(self, store: Store, actor: Actor, zone: ZoneName) -> LandingFile:
        """Let ``store`` read the file in a thread while it arrives."""
        stream = io.BufferedReader(_Arriving(self, asyncio.get_running_loop()), BUFFER_BYTES)
        context, name = copy_context(), self._parts.filename
        return await asyncio.get_running_loop().run_in_executor(_STORING, lambda: context.run(store, actor, zone, name, cast(BinaryIO, stream)))

    async def read(self) -> bytes:
        """The next bytes of the file; empty at its end."""
        while not self._parts.arrived and await self.advance():
            pass
        return self._parts.take()


class _Arriving(io.RawIOBase):
    """The file as the thread reads it: each read waits for the event loop to bring the next bytes, so nothing piles up."""

    def __init__(self, upload: Upload, loop: asyncio.AbstractEventLoop) -> None:
        self._upload = upload
        self._loop = loop
        self._left = memoryview(b"")

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill ``buffer`` as far as bytes are at hand; 0 at the end."""
        if not self._left:
            self._left = memoryview(asyncio.run_coroutine_threadsafe(self._upload.read(), self._loop).result())
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size


class _Parts:
    """What python-multipart tells of the body: exactly one part, called ``file``, with a file name."""

    def __init__(self, boundary: bytes) -> None:
        self.filename = ""
        self.arrived = bytearray()
        self._header = bytearray()
        self._value = bytearray()
        self._disposition = b""
        self._ended = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_header_field": lambda data, start, end: self._header.extend(data[start:end]),
                "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._on_headers_finished,
                "on_part_data": lambda data, start, end: self.arrived.extend(data[start:end]),
                "on_end": self._on_end,
            },
        )

    def feed(self, chunk: bytes) -> None:
        """Parse the next piece. Raises ValidationError."""
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise ValidationError("The body is not proper multipart/form-data.") from error

    def finish(self) -> None:
        """The body has ended. Raises ValidationError when it was cut off."""
        if not self._ended:
            raise ValidationError("The upload was cut off before its end. Send it again.")

    def take(self) -> bytes:
        """The bytes that arrived since the last call."""
        taken, self.arrived = bytes(self.arrived), bytearray()
        return taken

    def _on_header_end(self) -> None:
        if bytes(self._header).lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def _on_headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        if self.filename or options.get(b"name") != b"file" or not options.get(b"filename"):
            raise ValidationError("Send exactly one file, in a field called 'file'.")
        self.filename = options[b"filename"].decode("utf-8", "replace")

    def _on_end(self) -> None:
        self._ended = True
