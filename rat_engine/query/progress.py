"""How far a statement is, told while it runs."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

from rat_engine.lakehouse.connection import Session

Tell = Callable[[float], None]

# What ends sooner needs no bar.
FIRST_SECONDS = 0.4
AGAIN_SECONDS = 0.25


@contextlib.contextmanager
def telling(session: Session, tell: Tell | None) -> Iterator[None]:
    """Call ``tell`` with the share that is done, from a thread that has ended when the block has."""
    if tell is None:
        yield
        return
    ended = threading.Event()
    watcher = threading.Thread(target=_tell, args=(session, tell, ended), name="progress", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _tell(session: Session, tell: Tell, ended: threading.Event) -> None:
    told, pause = -1.0, FIRST_SECONDS
    while not ended.wait(pause):
        pause, share = AGAIN_SECONDS, session.progress()
        if share is not None and share > told:
            told = share
            tell(share)
