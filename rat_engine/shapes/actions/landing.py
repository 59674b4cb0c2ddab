"""Actions on landing zones."""

from __future__ import annotations

from rat_engine.shapes.actions.twin import Twin

TWINS = (
    Twin("landing.zones", "List landing zones", "GET /landing-zones", "zone list", query=("namespace",)),
    Twin(
        "landing.create",
        "Create a landing zone",
        "POST /landing-zones",
        "zone create {namespace}.{zone}",
        "ZoneName({namespace}, {zone})",
        body=("namespace", "name"),
        spell=lambda values: {"name": values["zone"]},
    ),
    Twin(
        "landing.files",
        "List the files of a landing zone",
        "GET /landing-zones/{namespace}/{zone}/files",
        "zone files {namespace}.{zone}",
        "ZoneName({namespace}, {zone})",
    ),
)
