"""Use cases of the logs of runs: read, count, search, download."""

from __future__ import annotations

from collections.abc import Sequence

from rat_engine.access.policy import Policy
from rat_engine.domain.access import Action, Actor
from rat_engine.domain.log import LogChunk, LogFile, LogMatches, LogPage, LogSearch
from rat_engine.domain.run import Attempt
from rat_engine.errors import NotFoundError
from rat_engine.metadata import runs as sql
from rat_engine.metadata.database import Database
from rat_engine.observe.log_search import LogSearches
from rat_engine.observe.logs import LogReader, log_path
from rat_engine.services.base import Service, action, checked_length
from rat_engine.settings import Settings

MAX_LOG_LINES = 10_000
MAX_LOG_SEARCH = 200


class RunLogs(Service):
    """Logs of runs; the last attempt's unless another is named."""

    def __init__(self, database: Database, policy: Policy, settings: Settings) -> None:
        super().__init__(database, policy)
        self._logs = settings.logs
        self._searches = LogSearches()

    @action(Action.RUN_READ)
    def log(self, actor: Actor, run_id: str, after: int = 0, limit: int = 1000, attempt: int | None = None) -> LogChunk:
        """At most ``limit`` lines of an attempt's log (by default the last attempt's) from line ``after`` on. Raises NotFoundError."""
        number, ended = self._attempt(run_id, attempt)
        if number == 0:
            return LogChunk(0, 0, (), 0, ended)
        reader = LogReader(log_path(self._logs, run_id, number), number, ended=ended)
        return reader.read(max(after, 0), min(max(limit, 1), MAX_LOG_LINES))

    @action(Action.RUN_READ)
    def log_length(self, actor: Actor, run_id: str, attempt: int | None = None) -> int:
        """How many lines an attempt's log (by default the last attempt's) has. Raises NotFoundError."""
        number, ended = self._attempt(run_id, attempt)
        return LogReader(log_path(self._logs, run_id, number), number, ended=ended).length() if number else 0

    @action(Action.RUN_READ)
    def search_log(self, actor: Actor, run_id: str, wanted: LogSearch, page: LogPage = LogPage(), attempt: int | None = None) -> LogMatches:
        """Lines of an attempt's log that fulfil ``wanted``, by cursor or by number of the match.

        Looks on for a fraction of a second at most: ``complete`` says whether the whole log has been seen. Raises NotFoundError.
        """
        checked_length(wanted.text, MAX_LOG_SEARCH, "search")
        number, ended = self._attempt(run_id, attempt)
        if number == 0:
            return LogMatches(0, (), 0, 0, 0, 0, scanning=False, complete=ended)
        found = self._searches.find(log_path(self._logs, run_id, number), wanted, ended=ended)
        return found.page(number, page, min(max(page.limit, 1), MAX_LOG_LINES))

    @action(Action.RUN_READ)
    def log_file(self, actor: Actor, run_id: str, attempt: int | None = None) -> LogFile:
        """Where an attempt's log lies, for it to be sent as it is. Raises NotFoundError, also before there is one."""
        number, _ = self._attempt(run_id, attempt)
        path = log_path(self._logs, run_id, number)
        if not number or not path.exists():
            raise NotFoundError(f"Run {run_id} has no log yet.")
        return LogFile(path, number, path.stat().st_size)

    def _attempt(self, run_id: str, attempt: int | None) -> tuple[int, bool]:
        """The number of the attempt whose log is meant (0: there is none yet), and whether nothing is written to it any more."""
        with self._database.read() as connection:
            run = sql.fetch_run(connection, run_id)
            attempts = sql.fetch_attempts(connection, run_id)
        number = chosen_attempt(run_id, attempts, attempt)
        return number, run.status.final or any(each.number == number and each.finished_at is not None for each in attempts)


def chosen_attempt(run_id: str, attempts: Sequence[Attempt], wanted: int | None) -> int:
    """The number of the ``wanted`` attempt, or else of the last one; 0 while there is none. Raises NotFoundError."""
    if wanted is not None and wanted not in {each.number for each in attempts}:
        raise NotFoundError(f"Run {run_id} has no attempt {wanted}.")
    return wanted or max((each.number for each in attempts), default=0)
