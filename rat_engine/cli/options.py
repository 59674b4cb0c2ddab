"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[Path | None, typer.Option("--data", help="Data folder; RAT_DATA or .rat when left out.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON with the field names of the REST API; errors too.")]
TableArgument = Annotated[str, typer.Argument(metavar="NS.LAYER.NAME", help="A pipeline, and the table it fills.", show_default=False)]
RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="A run's id.", show_default=False)]
Namespace = Annotated[str | None, typer.Option("--namespace", help="Only this namespace.", show_default=False)]
