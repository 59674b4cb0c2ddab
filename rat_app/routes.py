"""Every URL of the portal: the routes pages are registered under, and the builders of links to them."""

from __future__ import annotations

from urllib.parse import quote, urlencode

# Where the build lies, in files that are named after their content.
LASTING = ("/assets/", "/fonts/")
HOME = "/"
PIPELINES = "/pipelines"
DELETED = f"{PIPELINES}/deleted"
# Reflex makes a variable of every bracketed part, on every state: hence the prefix.
PIPELINE = "/pipelines/[route_namespace]/[route_layer]/[route_name]"
PIPELINE_CODE = f"{PIPELINE}/code"
PIPELINE_QUALITY = f"{PIPELINE}/quality"
PIPELINE_RUNS = f"{PIPELINE}/runs"
PIPELINE_VERSIONS = f"{PIPELINE}/versions"
PIPELINE_SETTINGS = f"{PIPELINE}/settings"
RUNS = "/runs"
RUN = "/runs/[route_run]"
QUERY = "/query"
EXPLORER = "/explorer"
TABLE = "/explorer/[route_namespace]/[route_layer]/[route_name]"
TABLE_COLUMNS = f"{TABLE}/columns"
TABLE_SNAPSHOTS = f"{TABLE}/snapshots"
TABLE_FILES = f"{TABLE}/files"
TABLE_LINEAGE = f"{TABLE}/lineage"
TABLE_QUALITY = f"{TABLE}/quality"
TABLE_DOCS = f"{TABLE}/docs"
LINEAGE = "/lineage"
SETTINGS = "/settings"
STYLE = f"{SETTINGS}/style"
NOT_FOUND = "404"

API_DOCS = "/api/v1/docs"
API_DESCRIPTION = "/api/v1/openapi.json"


def home(**values: str) -> str:
    """The first page; ``values`` may hold ``demo``, the run group whose progress it shows."""
    return _with_query(HOME, values)


def pipelines(**filters: str) -> str:
    """The pipeline list; ``filters`` are search, namespace, layer, sort, after and before."""
    return _with_query(PIPELINES, filters)


def pipeline(namespace: str, layer: str, name: str, tab: str = "", **query: str) -> str:
    """A pipeline's page: its overview, or another ``tab``."""
    parts = (namespace, layer, name, tab) if tab else (namespace, layer, name)
    return _with_query("/".join([PIPELINES, *(quote(part, safe="") for part in parts)]), query)


def runs(**filters: str) -> str:
    """The run list; ``filters`` are status, namespace, layer, name, after and before."""
    return _with_query(RUNS, filters)


def run(run_id: str, **values: str) -> str:
    """One run's page; ``values`` are attempt and tab."""
    return _with_query(f"{RUNS}/{quote(run_id, safe='')}", values)


def query(**values: str) -> str:
    """The query page; ``values`` may hold ``sql``, the text to start with."""
    return _with_query(QUERY, values)


def explorer(**filters: str) -> str:
    """The list of tables; ``filters`` are search, namespace, layer, sort, after and before."""
    return _with_query(EXPLORER, filters)


def table(namespace: str, layer: str, name: str, tab: str = "", **query: str) -> str:
    """A table's page: its first rows, or another ``tab``."""
    parts = (namespace, layer, name, tab) if tab else (namespace, layer, name)
    return _with_query("/".join([EXPLORER, *(quote(part, safe="") for part in parts)]), query)


def lineage(**values: str) -> str:
    """The Lineage page; ``values`` are focus, column, up, down, namespace and view."""
    return _with_query(LINEAGE, values)


def settings(**values: str) -> str:
    """The Settings page; ``values`` are tab, and after, before and page of the namespaces."""
    return _with_query(SETTINGS, values)


def _with_query(path: str, values: dict[str, str]) -> str:
    given = {key: value for key, value in values.items() if value}
    return f"{path}?{urlencode(given)}" if given else path
