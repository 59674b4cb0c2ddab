"""The only reader of the environment: one frozen value, validated as a whole before anything starts."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from rat_engine.errors import SettingsError

PREFIX = "RAT_"
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})

MEBIBYTE = 1 << 20


class Settings(BaseSettings):
    """What the person who starts RAT may choose. Every field is read from ``RAT_<NAME>``.

    Raises SettingsError, naming the variable, when a value cannot be used.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    data: Path = Field(default=Path(".rat"), description="Data folder: database, warehouse, landing files, logs. Created with mode 0700.")
    host: str = Field(default="127.0.0.1", description="Address the portal listens on. Only loopback addresses are accepted until accounts exist.")
    port: int = Field(default=3000, ge=1, le=65535, description="Port of the portal and the REST API.")
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("localhost", "127.0.0.1", "[::1]"), description="Host names a browser may use, comma separated; anything else is refused."
    )
    workers: int = Field(default=2, ge=1, le=64, description="Most runs carried out at the same time.")
    interactive_workers: int = Field(default=2, ge=1, le=64, description="Most queries and previews carried out at the same time.")
    memory_limit_mb: int = Field(default=2048, ge=128, le=1 << 20, description="DuckDB's memory limit per run, in MiB; beyond it DuckDB spills to disk.")
    query_memory_limit_mb: int = Field(default=1024, ge=128, le=1 << 20, description="Memory limit of one query or preview, in MiB.")
    threads: int = Field(default=2, ge=1, le=256, description="DuckDB threads per run or query.")
    query_timeout_seconds: float = Field(default=60.0, gt=0, le=86_400, description="Longest a query or preview may take.")
    test_timeout_seconds: float = Field(default=60.0, gt=0, le=86_400, description="Longest one quality test may take.")
    pipeline_reads_files: bool = Field(default=True, description="Whether pipeline SQL may read files outside RAT (read_csv and the like).")
    result_limit_rows: int = Field(default=1_000_000, ge=1, le=100_000_000, description="Most rows kept of one query's result.")
    result_limit_mb: int = Field(default=512, ge=1, le=1 << 20, description="Most MiB kept of one query's result.")
    results_days: int = Field(default=7, ge=1, le=3_650, description="Days that a query's result is kept; the query itself stays in the history.")
    results_most: int = Field(default=1_000, ge=10, le=1_000_000, description="Most results kept; the oldest go first.")
    results_total_mb: int = Field(default=10_240, ge=1, le=1 << 30, description="Most MiB kept of all results together; the oldest go first.")
    landing_limit_mb: int = Field(default=4096, ge=1, le=1 << 20, description="Largest file accepted by a landing zone, in MiB.")
    rate_query: int = Field(default=1_200, ge=0, le=1_000_000, description="Most queries a minute that one address may send to the REST API; 0: no limit.")
    rate_preview: int = Field(default=1_200, ge=0, le=1_000_000, description="Most previews and profiles a minute from one address; 0: no limit.")
    rate_upload: int = Field(default=600, ge=0, le=1_000_000, description="Most uploaded files a minute from one address; 0: no limit.")
    rate_write: int = Field(default=3_000, ge=0, le=1_000_000, description="Most other changes a minute from one address; 0: no limit.")
    rate_read: int = Field(default=12_000, ge=0, le=1_000_000, description="Most other requests a minute from one address; 0: no limit.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="Least severe level that the server's own log shows.")

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _split_hosts(cls, value: Any) -> Any:
        return tuple(part.strip().lower() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("host")
    @classmethod
    def _only_loopback(cls, value: str) -> str:
        if value not in LOOPBACK_HOSTS:
            raise ValueError(f"only a loopback address is accepted without accounts ({', '.join(sorted(LOOPBACK_HOSTS))}); put a tunnel or proxy in front")
        return value

    @field_validator("data")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @classmethod
    def load(cls, **overrides: Any) -> Settings:
        """Read the environment; ``overrides`` (command-line options) win where they are not None.

        Raises SettingsError for a value that cannot be used and for an unknown ``RAT_`` variable.
        """
        _refuse_unknown(os.environ)
        try:
            return cls(**{name: value for name, value in overrides.items() if value is not None})
        except ValidationError as error:
            raise SettingsError("\n".join(_explain(dict(item)) for item in error.errors())) from None

    @property
    def database_path(self) -> Path:
        """The SQLite file."""
        return self.data / "rat.db"

    @property
    def warehouse(self) -> Path:
        """Folder of the tables' data and metadata files, one sub-folder a table."""
        return self.data / "warehouse"

    @property
    def landing(self) -> Path:
        """Folder of landed files; names on disk are ids, never what the user called them."""
        return self.data / "landing"

    @property
    def logs(self) -> Path:
        """Folder of attempt logs."""
        return self.data / "logs"

    @property
    def results(self) -> Path:
        """Folder of query results, one Arrow file each."""
        return self.data / "results"

    @property
    def scratch(self) -> Path:
        """Folder of what children spill and drop."""
        return self.data / "scratch"

    def environment(self) -> dict[str, str]:
        """The same settings as variables, for a child process that calls ``load`` itself."""
        values: dict[str, Any] = {**dict(self), "allowed_hosts": ",".join(self.allowed_hosts)}
        return {variable(name): str(value) for name, value in values.items()}


def variable(field: str) -> str:
    """The environment variable of a field."""
    return f"{PREFIX}{field.upper()}"


def _refuse_unknown(environment: Mapping[str, str]) -> None:
    known = [variable(name) for name in Settings.model_fields]
    for name in environment:
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise SettingsError(f"{name} is not a setting of RAT." + (f" Did you mean {near[0]}?" if near else f" Known: {', '.join(known)}."))


def _explain(error: Mapping[str, Any]) -> str:
    field = str(error["loc"][0]) if error["loc"] else ""
    if error["type"] == "extra_forbidden":
        return f"{field} is not a setting of RAT."
    return f"{variable(field)}={error['input']!r} cannot be used: {str(error['msg']).removeprefix('Value error, ')}."
