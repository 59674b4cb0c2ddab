"""Landlock: the kernel's way for a process to give up file and network access for good.

Called through ctypes, so nothing has to be installed. The kernel's interface is described in ``Documentation/userspace-api/landlock.rst``
of Linux; an ABI number grows with what can be restricted. Metadata (whether a file exists, its size) stays visible at every ABI.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import stat
import struct
import sys
from collections.abc import Iterable, Iterator
from enum import IntFlag
from pathlib import Path

# The same numbers on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_PATH_BENEATH = 1

_TCP_BIND_AND_CONNECT = 3
_SIGNALS_AND_ABSTRACT_SOCKETS = 3

ABI_WITH_TRUNCATE = 3
_ABI_WITH_NETWORK = 4
_ABI_WITH_SCOPES = 6


class Right(IntFlag):
    """What can be done to a file or below a folder; the kernel's bits."""

    EXECUTE = 1 << 0
    WRITE_FILE = 1 << 1
    READ_FILE = 1 << 2
    READ_DIR = 1 << 3
    REMOVE_DIR = 1 << 4
    REMOVE_FILE = 1 << 5
    MAKE_CHAR = 1 << 6
    MAKE_DIR = 1 << 7
    MAKE_REG = 1 << 8
    MAKE_SOCK = 1 << 9
    MAKE_FIFO = 1 << 10
    MAKE_BLOCK = 1 << 11
    MAKE_SYM = 1 << 12
    REFER = 1 << 13
    TRUNCATE = 1 << 14
    IOCTL_DEV = 1 << 15


READ = Right.READ_FILE | Right.READ_DIR
WRITE = READ | Right.WRITE_FILE | Right.REMOVE_DIR | Right.REMOVE_FILE | Right.MAKE_DIR | Right.MAKE_REG | Right.REFER | Right.TRUNCATE
_ON_A_FILE = Right.READ_FILE | Right.WRITE_FILE | Right.TRUNCATE
_RIGHTS_BY_ABI = {1: 13, 2: 14, 3: 15, 4: 15}
_NEWEST_RIGHTS = 16


def abi() -> int:
    """The kernel's Landlock ABI; 0 where there is none."""
    if sys.platform != "linux":
        return 0
    try:
        return _syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION_FLAG))
    except OSError:
        return 0


def restrict(read: Iterable[Path], write: Iterable[Path]) -> int:
    """Leave the calling thread, and all threads it will start, only ``read`` (files or folders) and ``write`` (folders, also to read).

    Paths that do not exist or cannot be reached are left out. TCP is denied from ABI 4, signals to other processes from ABI 6. Needs no_new_privs.
    Returns the ABI. Raises OSError where the kernel refuses.
    """
    version = abi()
    if version < 1:
        raise OSError("this kernel has no Landlock")
    handled = Right((1 << _RIGHTS_BY_ABI.get(version, _NEWEST_RIGHTS)) - 1)
    with _ruleset(version, handled) as ruleset:
        for paths, rights in ((read, READ), (write, WRITE)):
            for path in paths:
                _allow(ruleset, path, rights & handled)
        _syscall(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    return version


@contextlib.contextmanager
def _ruleset(version: int, handled: Right) -> Iterator[int]:
    fields = [int(handled)]
    if version >= _ABI_WITH_NETWORK:
        fields.append(_TCP_BIND_AND_CONNECT)
    if version >= _ABI_WITH_SCOPES:
        fields.append(_SIGNALS_AND_ABSTRACT_SOCKETS)
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    descriptor = _syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0))
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _allow(ruleset: int, path: Path, rights: Right) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    try:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        rule = struct.pack("=Qi", int(rights if is_folder else rights & _ON_A_FILE), descriptor)
        _syscall(_ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(_PATH_BENEATH), rule, ctypes.c_uint32(0))
    finally:
        os.close(descriptor)


def _syscall(number: int, *arguments: object) -> int:
    result: int = ctypes.CDLL(None, use_errno=True).syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result
