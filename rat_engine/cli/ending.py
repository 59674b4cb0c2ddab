"""How a command ends: exit statuses, and errors as one clear message."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import ParamSpec

import typer

from rat_engine.cli.text import visible
from rat_engine.errors import InvalidNameError, RatError, SettingsError, UnavailableError

OK = 0
FAILED = 1
WRONG_USAGE = 2
CANCELLED = 3

P = ParamSpec("P")


def guarded(command: Callable[P, int | None]) -> Callable[P, None]:
    """``command`` with every foreseen error told in one message, without a traceback. What it returns is the exit status.

    With ``as_json`` the error is the REST API's envelope on stdout.
    """

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            status = command(*args, **kwargs)
        except KeyboardInterrupt:
            raise typer.Exit(CANCELLED) from None
        except BrokenPipeError:
            # Whoever read our output has had enough; typer ends the program quietly.
            raise
        except (RatError, OSError) as error:
            tell(error if isinstance(error, RatError) else _explained(error), as_json=kwargs.get("as_json") is True)
            raise typer.Exit(WRONG_USAGE if isinstance(error, (InvalidNameError, SettingsError)) else FAILED) from None
        raise typer.Exit(status or OK)

    return run


def tell(error: RatError, *, as_json: bool) -> None:
    """Print an error: its message on stderr, or its envelope on stdout."""
    if as_json:
        from rat_engine.cli.output import print_json
        from rat_engine.shapes import ErrorEnvelope

        print_json(ErrorEnvelope.of(error).plain())
    else:
        for line in error.message.splitlines() or [error.code]:
            print(visible(line), file=sys.stderr)


def _explained(error: OSError) -> RatError:
    what = f"{error.filename}: {error.strerror}." if error.filename else str(error)
    return UnavailableError(what)
