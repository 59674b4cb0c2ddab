"""Actions on namespaces."""

from __future__ import annotations

from rat_engine.shapes.actions.twin import Twin

TWINS = (
    Twin("namespaces.list", "List namespaces", "GET /namespaces", "namespace list"),
    Twin("namespaces.get", "Show a namespace", "GET /namespaces/{namespace}", "namespace show {namespace}", "{namespace}"),
    Twin(
        "namespaces.create", "Create a namespace", "POST /namespaces", "namespace create {namespace} --description {description}",
        "{namespace}, {description}", body=("name", "description"), spell=lambda values: {"name": values["namespace"]},
    ),
    Twin(
        "namespaces.update", "Describe a namespace", "PUT /namespaces/{namespace}", "namespace describe {namespace} {description}",
        "{namespace}, {description}", body=("description",),
    ),
    Twin("namespaces.delete", "Delete a namespace", "DELETE /namespaces/{namespace}", "namespace delete {namespace}", "{namespace}"),
)  # fmt: skip
