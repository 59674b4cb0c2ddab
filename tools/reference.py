"""Write the pages of ``docs/reference`` that say what the program itself says: settings, REST routes, commands, Python names.

A test compares the pages with the program; ``make docs`` writes them anew.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import rat_engine
from rat_engine.settings import Settings, variable

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "reference"
NOTE = "This page is written by `make docs` from the program itself."
METHODS = ("get", "post", "put", "patch", "delete")


def settings_page() -> str:
    """Every setting with its variable, default and meaning."""
    rows = [f"| `{variable(name)}` | `{_default(field.default)}` | {field.description} |" for name, field in Settings.model_fields.items()]
    intro = (
        "RAT reads its settings from the environment once, at the start, and refuses to start when one cannot be used or is unknown. "
        "`--data`, `--host` and `--port` on the command line win over their variables."
    )
    return _page("Settings", intro, ["| Variable | Default | Meaning |", "|---|---|---|", *rows])


def rest_page() -> str:
    """Every REST route with what it does."""
    from rat_app.api.app import build_api

    schema = build_api().openapi()
    intro = f"{schema['info']['description']}\n\nA running RAT shows every field at `/api/v1/docs` and as OpenAPI at `/api/v1/openapi.json`."
    return _page("REST API", intro, list(_routes(schema["paths"])))


def cli_page() -> str:
    """Every command with its arguments and options."""
    import typer

    from rat_engine.cli.main import app

    group: Any = typer.main.get_command(app)
    intro = f"{_sentence(group.help)} `rat COMMAND --help` says the same."
    return _page("Command line", intro, [line for name, command in group.commands.items() for line in _command(name, command)])


def python_page() -> str:
    """Every name of the Python API with what it is."""
    offered = {name: getattr(rat_engine, name) for name in rat_engine.__all__}
    rows = [f"| `{name}` | {_kind(value)} | {_said(value)} |" for name, value in offered.items()]
    intro = (
        "`import rat_engine` offers these names; nothing else of the package is meant for others. Everything starts with\n"
        "`with Engine.open(Settings.load()) as engine:`, and every method of a service takes the acting `Actor` first."
    )
    return _page("Python", intro, ["| Name | Is | Meaning |", "|---|---|---|", *rows])


PAGES: Mapping[str, Callable[[], str]] = {"settings.md": settings_page, "rest.md": rest_page, "cli.md": cli_page, "python.md": python_page}


def main() -> int:
    """Write every page. Returns the exit status."""
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page(), encoding="utf-8")
    return 0


def _page(title: str, intro: str, lines: list[str]) -> str:
    return "\n".join([f"# {title}", "", intro, "", NOTE, "", *lines, ""])


def _default(value: Any) -> str:
    return ",".join(cast("tuple[str, ...]", value)) if isinstance(value, tuple) else str(value).lower() if isinstance(value, bool) else str(value)


def _routes(paths: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    seen = ""
    for path, operations in paths.items():
        for method in METHODS:
            if operation := operations.get(method):
                if seen != (seen := operation["tags"][0]):
                    yield from (f"## {seen.capitalize()}", "", "| Route | Does |", "|---|---|")
                yield f"| `{method.upper()} {path}` | {operation['summary']}. {' '.join(operation['description'].split())} |"


def _command(name: str, command: Any) -> Iterator[str]:
    if hasattr(command, "commands"):
        for inner, each in command.commands.items():
            yield from _command(f"{name} {inner}", each)
        return
    positional = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
    arguments = "".join(f" {parameter.name.upper()}{'…' if parameter.nargs < 0 else ''}" for parameter in positional)
    yield from ("", f"## `rat {name}{arguments}`", "", _sentence(command.help))
    options = [parameter for parameter in command.params if parameter not in positional]
    if options:
        yield from ("", "| Option | Meaning |", "|---|---|")
        yield from (f"| `{', '.join(option.opts)}` | {_sentence(option.help)} |" for option in options)


def _kind(value: Any) -> str:
    if inspect.isclass(value):
        return "error" if issubclass(value, Exception) else "class"
    return "module" if inspect.ismodule(value) else "function" if callable(value) else "value"


def _said(value: Any) -> str:
    return f"`{value!r}`" if _kind(value) == "value" else _sentence(inspect.getdoc(value))


def _sentence(text: str | None) -> str:
    return " ".join((text or "").strip().split("\n\n")[0].split()).replace("``", "`").replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main())
