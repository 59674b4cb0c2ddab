"""Landing zones and their files."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from rat_app.api.limits import JsonRoute
from rat_app.api.parameters import CurrentActor, LandingZoneBody, NamedParameters, PageParameters, ZonePath
from rat_app.api.uploads import UPLOAD_BODY, Upload
from rat_app.engine import call, engine
from rat_engine import shapes

router = APIRouter(prefix="/landing-zones", tags=["landing zones"], route_class=JsonRoute)
ZONE = "/{namespace}/{zone}"


@router.get("", summary="List landing zones")
async def list_zones(actor: CurrentActor, wanted: Annotated[NamedParameters, Query()]) -> shapes.LandingZoneList:
    """Zones by name."""
    return shapes.LandingZoneList.of(await call(engine().landing.zones, actor, wanted.namespace, wanted.page()))


@router.post("", status_code=201, summary="Create a landing zone")
async def create_zone(actor: CurrentActor, body: LandingZoneBody) -> shapes.LandingZone:
    """Creates the namespace too when it is new. 409 when the zone exists already."""
    return shapes.LandingZone.of(await call(engine().landing.create, actor, body.zone(), body.description))


@router.get(ZONE, summary="One landing zone")
async def get_zone(actor: CurrentActor, zone: ZonePath) -> shapes.LandingZone:
    """404 when there is none of that name."""
    return shapes.LandingZone.of(await call(engine().landing.zone, actor, zone))


@router.get(ZONE + "/files", summary="List a zone's files")
async def list_files(actor: CurrentActor, zone: ZonePath, wanted: Annotated[PageParameters, Query()]) -> shapes.LandingFileList:
    """Files in the order they arrived."""
    return shapes.LandingFileList.of(await call(engine().landing.files, actor, zone, wanted.page()))


@router.post(ZONE + "/files", status_code=201, summary="Land a file", openapi_extra=UPLOAD_BODY)
async def land_file(request: Request, actor: CurrentActor, zone: ZonePath) -> shapes.LandingFile:
    """One CSV or Parquet file, copied while it arrives; 413 as soon as it is too large. Creates the zone when it is new."""
    upload = await Upload.begin(request, engine().settings.landing_limit_mb)
    return shapes.LandingFile.of(await upload.store(engine().landing.land, actor, zone))
