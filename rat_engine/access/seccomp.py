"""A seccomp filter: the system calls a confined child may make; every other one fails with "operation not permitted".

The filter is classic BPF, put together here, so no library is needed. It denies what Landlock cannot: sockets of any kind, other programs, new processes,
changing modes, owners and times of files, reaching into other processes.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from collections.abc import Sequence

from rat_engine.access import syscalls
from rat_engine.access.process import prctl

# struct seccomp_data: the call's number, the architecture, the instruction pointer, then six 64-bit arguments.
_AT_NUMBER, _AT_ARCHITECTURE, _AT_ARGUMENTS = 0, 4, 16

_LOAD, _AND, _JUMP_IF_EQUAL, _JUMP_IF_AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_ALLOW, _NOT_PERMITTED, _NOT_IMPLEMENTED, _KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32_CALLS = 0x40000000

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2

_CLONE_THREAD = 0x00010000
_CLONE_NAMESPACES = 0x7E020080
_FCNTL = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030)  # descriptors and locks; never owners or signals, which can kill another process
_IOCTL = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # terminal attributes and size, bytes waiting, blocking, close on exec
_PRCTL = (3, 15, 16, 21)  # read dumpable, set and read the thread's name, read seccomp


class _Program:
    """Instructions of classic BPF, eight bytes each."""

    def __init__(self) -> None:
        self.code = bytearray()

    def add(self, operation: int, value: int, if_true: int = 0, if_false: int = 0) -> None:
        """Append one instruction; the jumps count instructions to skip."""
        self.code += struct.pack("=HBBI", operation, if_true, if_false, value)

    def answer(self, number: int, action: int) -> None:
        """When the call's number is ``number``: ``action``."""
        self.add(_JUMP_IF_EQUAL, number, 0, 1)
        self.add(_RETURN, action)

    def allow_if(self, number: int, argument: int, values: Sequence[int], mask: int | None = None) -> None:
        """Allow call ``number`` when the low half of its argument, under ``mask``, is one of ``values``; deny it otherwise."""
        masked = mask is not None
        self.add(_JUMP_IF_EQUAL, number, 0, 2 + masked + 2 * len(values))
        self.add(_LOAD, _AT_ARGUMENTS + 8 * argument)
        if mask is not None:
            self.add(_AND, mask)
        for value in values:
            self.answer(value, _ALLOW)
        self.add(_RETURN, _NOT_PERMITTED)


def build(architecture: str, pid: int) -> bytes:
    """The filter for one architecture and for the process ``pid``, which may signal only itself.

    Raises OSError for an architecture whose numbers are not known.
    """
    if architecture not in _ARCHITECTURES:
        raise OSError(f"no table of system calls for {architecture}")
    program = _Program()
    program.add(_LOAD, _AT_ARCHITECTURE)
    program.add(_JUMP_IF_EQUAL, _ARCHITECTURES[architecture], 1, 0)
    program.add(_RETURN, _KILL)
    program.add(_LOAD, _AT_NUMBER)
    program.add(_JUMP_IF_AT_LEAST, _X32_CALLS, 0, 1)
    program.add(_RETURN, _NOT_PERMITTED)
    for number in syscalls.freely(architecture).values():
        program.answer(number, _ALLOW)
    _add_argument_rules(program, syscalls.by_argument(architecture), pid)
    program.add(_RETURN, _NOT_PERMITTED)
    return bytes(program.code)


def _add_argument_rules(program: _Program, numbers: dict[str, int], pid: int) -> None:
    # Its flags are behind a pointer, which a filter cannot follow; the C library then falls back to clone.
    program.answer(numbers["clone3"], _NOT_IMPLEMENTED)
    program.allow_if(numbers["clone"], 0, [_CLONE_THREAD], mask=_CLONE_THREAD | _CLONE_NAMESPACES)
    program.allow_if(numbers["kill"], 0, [pid])
    program.allow_if(numbers["tgkill"], 0, [pid])
    program.allow_if(numbers["prlimit64"], 0, [0, pid])
    program.allow_if(numbers["prctl"], 0, _PRCTL)
    program.allow_if(numbers["ioctl"], 1, _IOCTL)
    program.allow_if(numbers["fcntl"], 1, _FCNTL)


def restrict() -> None:
    """Put the filter on the calling thread and all threads it will start. Needs no_new_privs. Raises OSError where the kernel refuses."""
    code = build(platform.machine(), os.getpid())
    buffer = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer))
    prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.c_char_p(header))
