"""Start one of RAT's processes: ``python -m rat_engine.worker.start MODULE ARGUMENT…`` calls ``main`` of ``MODULE``.

What a start imports lives as long as the process. Looking for garbage among it takes a quarter of the start, so the collector is off until
the process says that it is ``settled``.
"""

from __future__ import annotations

import gc
import sys
from importlib import import_module


def main() -> None:
    """Import the module without collecting garbage, and end with the status that its ``main`` returns."""
    gc.disable()
    sys.argv = sys.argv[1:]
    sys.exit(import_module(sys.argv[0]).main())


def settled() -> None:
    """The start is over: collect garbage from now on, but never look at what is there already."""
    gc.freeze()
    gc.enable()


if __name__ == "__main__":
    main()
