"""Commands about landing zones: ``rat zone …``. Files are landed with ``rat land``."""

from __future__ import annotations

from typing import Annotated

import typer

from rat_engine.cli.ending import guarded
from rat_engine.cli.options import AsJson, Data, Namespace
from rat_engine.cli.output import print_json, print_table, say
from rat_engine.cli.session import every, opened
from rat_engine.cli.text import moment, number, size

app = typer.Typer(name="zone", no_args_is_help=True, rich_markup_mode=None, help="List and create landing zones, and see their files.")

Zone = Annotated[str, typer.Argument(metavar="NS.ZONE", help="A landing zone.", show_default=False)]
Description = Annotated[str, typer.Option("--description", help="What it is for.", show_default=False)]


@app.command("list")
@guarded
def list_(namespace: Namespace = None, data: Data = None, as_json: AsJson = False) -> None:
    """List landing zones by name."""
    from rat_engine import LOCAL_USER, shapes

    with opened(data) as engine:
        found = list(every(lambda page: engine.landing.zones(LOCAL_USER, namespace, page)))
    if as_json:
        print_json({"landing_zones": [shapes.LandingZone.of(zone).plain() for zone in found], "total": len(found), "next": None})
    else:
        rows = [(str(zone.name), number(zone.file_count), size(zone.total_bytes), moment(zone.created_at), zone.description.split("\n")[0]) for zone in found]
        print_table(("zone", "files", "size", "created", "description"), rows, right=(1, 2))


@app.command()
@guarded
def create(zone: Zone, description: Description = "", data: Data = None, as_json: AsJson = False) -> None:
    """Create a landing zone. Its namespace is created too when it is new."""
    from rat_engine import LOCAL_USER, ZoneName, shapes

    with opened(data) as engine:
        created = engine.landing.create(LOCAL_USER, ZoneName.parse(zone), description)
    if as_json:
        print_json(shapes.LandingZone.of(created).plain())
    else:
        say(f"Created {created.name}. Land files with `rat land {created.name} FILE`.")


@app.command()
@guarded
def files(zone: Zone, data: Data = None, as_json: AsJson = False) -> None:
    """List the files of a landing zone in the order they arrived."""
    from rat_engine import LOCAL_USER, ZoneName, shapes

    name = ZoneName.parse(zone)
    with opened(data) as engine:
        found = list(every(lambda page: engine.landing.files(LOCAL_USER, name, page)))
    if as_json:
        print_json({"files": [shapes.LandingFile.of(file).plain() for file in found], "total": len(found), "next": None})
    else:
        print_table(("file", "format", "size", "landed"), [(f.filename, f.format.value, size(f.size_bytes), moment(f.uploaded_at)) for f in found], right=(2,))
