"""Namespaces."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from rat_app.api.limits import JsonRoute
from rat_app.api.parameters import CurrentActor, DescriptionBody, NamespaceBody, NamespacePath, PageParameters
from rat_app.engine import call, engine
from rat_engine import shapes

router = APIRouter(prefix="/namespaces", tags=["namespaces"], route_class=JsonRoute)


@router.get("", summary="List namespaces")
async def list_namespaces(actor: CurrentActor, wanted: Annotated[PageParameters, Query()]) -> shapes.NamespaceList:
    """Namespaces by name."""
    return shapes.NamespaceList.of(await call(engine().namespaces.list, actor, wanted.page()))


@router.post("", status_code=201, summary="Create a namespace")
async def create_namespace(actor: CurrentActor, body: NamespaceBody) -> shapes.Namespace:
    """409 when it exists already."""
    return shapes.Namespace.of(await call(engine().namespaces.create, actor, body.name, body.description))


@router.get("/{namespace}", summary="One namespace")
async def get_namespace(actor: CurrentActor, namespace: NamespacePath) -> shapes.Namespace:
    """404 when there is none of that name."""
    return shapes.Namespace.of(await call(engine().namespaces.get, actor, namespace))


@router.put("/{namespace}", summary="Describe a namespace")
async def update_namespace(actor: CurrentActor, namespace: NamespacePath, body: DescriptionBody) -> shapes.Namespace:
    """Replaces the description; names never change."""
    return shapes.Namespace.of(await call(engine().namespaces.update, actor, namespace, body.description))


@router.delete("/{namespace}", status_code=204, summary="Delete an empty namespace")
async def delete_namespace(actor: CurrentActor, namespace: NamespacePath) -> None:
    """409 while it holds pipelines, tables or landing zones."""
    await call(engine().namespaces.delete, actor, namespace)
