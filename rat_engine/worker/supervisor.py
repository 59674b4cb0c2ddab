"""The supervisor: claims jobs, gives each to a warm child, notices what becomes of it, writes the end.

One thread, woken by the database's wake-ups, by its children's words and by their deaths. It holds no data: killed at any
instant, the next supervisor finds in the database what was going on and ends it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import time
from collections import deque
from collections.abc import Sequence
from functools import partial

from rat_engine.domain.job import Job, Lane, Standing
from rat_engine.errors import DatabaseUnavailableError, RatError, TooLargeError, UnavailableError
from rat_engine.jobs import lifecycle, queue
from rat_engine.metadata import wake
from rat_engine.metadata.database import Database
from rat_engine.observe.results import ResultShelf
from rat_engine.observe.roster import Roster
from rat_engine.settings import Settings
from rat_engine.worker.leftovers import clear_leftovers
from rat_engine.worker.lock import ENGINE_LOCK
from rat_engine.worker.loop import Loop
from rat_engine.worker.pool import Child, LanePlan, Pool, Stop
from rat_engine.worker.process import scratch_of
from rat_engine.worker.protocol import Answer, Assignment, Progress, ProtocolError, Ready, Unable
from rat_engine.worker.recovery import recover, tidy
from rat_engine.worker.work import Write, all_work

# Large exports made at the same time.
EXPORTS = 2
TICK_SECONDS = 1.0
# A burst of short queries is told of once.
ROSTER_SECONDS = 0.2
HEARTBEAT_SECONDS = 10.0
TIDY_SECONDS = 300.0
CANCEL_GRACE_SECONDS = 1.0
TIMEOUT_GRACE_SECONDS = 1.0
STOP_GRACE_SECONDS = 2.0
DEATH_SECONDS = 5.0

logger = logging.getLogger(__name__)


def lane_plans(settings: Settings) -> tuple[LanePlan, ...]:
    """How RAT staffs its lanes."""
    return (
        LanePlan(Lane.RUN, "rat_engine.worker.lanes:open_run_lane", settings.workers, patient=True),
        LanePlan(Lane.INTERACTIVE, "rat_engine.worker.lanes:open_interactive_lane", settings.interactive_workers),
        LanePlan(Lane.OPEN, "rat_engine.worker.lanes:open_open_lane", 1, warm=0),
        LanePlan(Lane.EXPORT, "rat_engine.worker.lanes:open_interactive_lane", EXPORTS, warm=0),
    )


class Supervisor:
    """Owns the children of one engine. Whoever runs it holds the data folder: every other worker of its jobs is dead."""

    def __init__(self, settings: Settings, database: Database, plans: Sequence[LanePlan]) -> None:
        self.name = f"{os.uname().nodename[:30]}-{os.getpid()}-{os.urandom(4).hex()}"
        self._database = database
        self._settings = settings
        self._sign_of_life = settings.data / ENGINE_LOCK
        self._trouble = ""
        self._roster = Roster(settings.data, lambda: database.bus.send([wake.WORKERS]))
        self._telling = False
        self._shelf = ResultShelf(settings.results, days=settings.results_days, most=settings.results_most, megabytes=settings.results_total_mb)
        self._work = all_work(settings, database, self._shelf)
        environment = settings.environment()
        self._pools = {plan.lane: Pool(plan, environment) for plan in plans}
        self._loop = Loop()
        self._unwritten: deque[Write] = deque()
        self._stopping = False
        self._deadline = float("inf")

    def run(self) -> None:
        """Work until ``stop``; then let what is going on end, for as long as there is time, and kill the rest."""
        try:
            with self._database.bus.listen() as listener:
                self._loop.watch(listener.fileno(), lambda: self._woken(listener.drain()))
                recover(self._database, self._work, self.name, alone=True)
                clear_leftovers(self._settings)
                self._tidy()
                self._tick()
                self._heartbeat()
                while not self._stopping:
                    self._loop.turn()
                self._wind_down()
        finally:
            self._kill_all()
            self.close()

    def close(self) -> None:
        """Release what a supervisor holds; ``run`` does so at its end."""
        self._loop.close()

    def stop(self, *, drain: bool = False) -> None:
        """End ``run``, from a signal handler or another thread: soon, or with ``drain`` when everything that is going on has ended."""
        self._deadline = float("inf") if drain else time.monotonic() + STOP_GRACE_SECONDS
        self._stopping = True
        self._loop.interrupt()

    def _woken(self, topics: frozenset[str]) -> None:
        new = [pool for lane, pool in self._pools.items() if queue.lane_topic(lane) in topics]
        if new:
            self._dispatch(new)
        if wake.JOB in topics:
            self._dispatch()
        if wake.CANCEL in topics:
            self._cancel_wanted()

    def _tick(self) -> None:
        """The safety net: wake-ups may be lost, times pass, writes that failed are tried again."""
        self._loop.after(TICK_SECONDS, self._tick)
        self._show_life()
        self._write_ends()
        self._dispatch()
        self._cancel_wanted()
        self._tell()
        for pool in self._pools.values():
            for child in pool.surplus():
                child.kill()

    def _tell(self) -> None:
        """Say what the children do, in a moment."""
        if not self._telling:
            self._telling = True
            self._loop.after(ROSTER_SECONDS, self._tell_now)

    def _tell_now(self) -> None:
        self._telling = False
        self._roster.tell(pool.told() for pool in self._pools.values())

    def _show_life(self) -> None:
        """Say that the engine works, and what keeps it from starting runs."""
        trouble = "\n".join(pool.reason for pool in self._pools.values() if pool.plan.patient and pool.failing)
        # Not in the database: it must cost nothing, and must not depend on whoever writes there.
        with contextlib.suppress(OSError):
            if trouble != self._trouble:
                self._sign_of_life.write_text(trouble)
                self._trouble = trouble
            self._sign_of_life.touch()

    def _heartbeat(self) -> None:
        self._loop.after(HEARTBEAT_SECONDS, self._heartbeat)
        try:
            recover(self._database, self._work, self.name, alone=False)
            self._extend_leases()
        except DatabaseUnavailableError as error:
            logger.warning("The leases could not be extended: %s", error)

    def _tidy(self) -> None:
        """Keep results from piling up, also while nobody asks for anything."""
        self._loop.after(TIDY_SECONDS, self._tidy)
        try:
            tidy(self._database, self._shelf)
        except (DatabaseUnavailableError, OSError) as error:
            logger.warning("Old results cannot be removed now: %s", error)

    def _extend_leases(self) -> None:
        held = [(child, child.job) for child in self._busy() if child.job is not None]
        if not held:
            return
        with self._database.write() as transaction:
            lost = [child for child, job in held if queue.extend(transaction, job) is Standing.LOST]
        for child in lost:
            self._stop_child(child, Stop.LOST)

    def _dispatch(self, pools: Sequence[Pool] = ()) -> None:
        """Give every free child a job, in ``pools`` or wherever something is queued, and start children where they are missing."""
        self._tell()
        if self._stopping:
            return
        try:
            stretched = [pool for pool in pools or self._queued() if self._give_out(pool)]
        except DatabaseUnavailableError as error:
            logger.warning("Nothing can be claimed now: %s", error)
            return
        # One after the other, so that the portal starts, too; at once where a job waits.
        starting = any(child.baseline == 0 for pool in self._pools.values() for child in pool.children)
        for pool in self._pools.values():
            if pool in stretched or (pool.short and not starting):
                starting = self._start(pool)

    def _give_out(self, pool: Pool) -> bool:
        """Give the free children of ``pool`` jobs. Whether one more child is wanted: all are at work, and a job could start."""
        while (child := pool.free()) is not None:
            if not self._assign(pool, child):
                return False
        while pool.broken and not pool.plan.patient and self._refuse(pool):
            pass
        if not pool.stretched:
            return False
        with self._database.read() as connection:
            return queue.is_claimable(connection, pool.plan.lane)

    def _queued(self) -> list[Pool]:
        with self._database.read() as connection:
            lanes = queue.fetch_queued_lanes(connection)
        return [pool for lane, pool in self._pools.items() if lane in lanes]

    def _assign(self, pool: Pool, child: Child) -> bool:
        """Claim a job for ``child`` and give it to it. False when there is none."""
        job, assignment = self._claim(pool, child.process.pid)
        if job is None or assignment is None:
            return job is not None
        work = self._work[job.kind]
        try:
            descriptors = work.descriptors(job)
        except RatError as error:
            self._unwritten.append(work.refused(job, error))
            self._write_ends()
            return True
        try:
            pool.assign(child, job, assignment, descriptors)
        except TooLargeError as error:
            self._unwritten.append(work.refused(job, error))
            self._write_ends()
            return True
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        if (seconds := work.limit_seconds()) is not None:
            self._loop.after(seconds + TIMEOUT_GRACE_SECONDS, partial(self._overdue, child, job, Stop.TIMEOUT))
        return True

    def _claim(self, pool: Pool, pid: int) -> tuple[Job | None, Assignment | None]:
        with self._database.write() as transaction:
            job = queue.claim(transaction, pool.plan.lane, self.name)
            if job is None:
                return None, None
            try:
                return job, self._work[job.kind].begin(transaction, job, pid)
            except (RatError, KeyError, ValueError) as error:
                # Nobody could ever begin it: it must not end the engine, and with the next start again.
                logger.exception("Job %d cannot be read", job.id)
                self._unwritten.append(self._work[job.kind].refused(job, RatError(f"RAT failed by itself: the job cannot be read ({error!r}).")))
                return job, None

    def _refuse(self, pool: Pool) -> bool:
        """End a job that no child can carry out. False when there is none."""
        job, assignment = self._claim(pool, os.getpid())
        if job is not None and assignment is not None:
            error = UnavailableError(f"No process for this can be started: {pool.reason} The server's log has the details.")
            self._unwritten.append(self._work[job.kind].refused(job, error))
            self._write_ends()
        return job is not None

    def _overdue(self, child: Child, job: Job, why: Stop) -> None:
        if child.job is job:
            self._stop_child(child, why)

    def _start(self, pool: Pool) -> bool:
        """Start a child; False while the pause after a failure lasts."""
        child = pool.start()
        if child is None:
            return False
        self._loop.watch(child.process.pidfd, partial(self._ended, pool, child))
        self._loop.watch(child.process.channel.fileno(), partial(self._heard, pool, child))
        return True

    def _heard(self, pool: Pool, child: Child) -> None:
        """A child has said something, or is silent for good."""
        try:
            messages, child.silent = child.process.channel.receive()
        except ProtocolError as error:
            logger.warning("Child %d is ended: %s", child.process.pid, error)
            messages, child.silent = [], True
        if child.silent:
            self._loop.forget(child.process.channel.fileno())
            # Its death follows by itself. One that lives on in silence is of no use.
            self._loop.after(DEATH_SECONDS, partial(self._end_silent, pool, child))
        for message, _ in messages:
            if isinstance(message, Ready):
                pool.ready(child, message)
            elif isinstance(message, Unable):
                pool.reason = message.message
            elif isinstance(message, Progress):
                self._progressed(child, message)
            elif isinstance(message, Answer):
                self._answered(pool, child, message)
        self._dispatch()

    def _end_silent(self, pool: Pool, child: Child) -> None:
        if child in pool.children:
            child.kill()

    def _progressed(self, child: Child, progress: Progress) -> None:
        if child.job is None or child.job.subject != progress.subject:
            return
        try:
            with self._database.write() as transaction:
                lifecycle.note_progress(transaction, progress.subject, progress.share)
        except DatabaseUnavailableError as error:
            # The next word of it comes soon.
            logger.debug("Progress cannot be written now: %s", error)

    def _answered(self, pool: Pool, child: Child, answer: Answer) -> None:
        job, stop = child.job, child.stop
        if job is None or (answer.subject, answer.attempt) != (job.subject, job.attempt):
            logger.error("Child %d answers what it was not asked.", child.process.pid)
            child.kill()
            return
        pool.release(child, answer)
        if stop is not Stop.LOST:
            self._unwritten.append(self._work[job.kind].answered(job, answer, stop))
            self._write_ends()

    def _ended(self, pool: Pool, child: Child) -> None:
        """A child is dead: read what it said last, then write how its work ended."""
        self._loop.forget(child.process.pidfd)
        while not child.silent:
            self._heard(pool, child)
        exit_ = child.process.reap()
        shutil.rmtree(scratch_of(self._settings.scratch, child.process.pid), ignore_errors=True)
        job, child.job = child.job, None
        pool.remove(child, exit_)
        if job is not None and child.stop is not Stop.LOST:
            self._unwritten.append(self._work[job.kind].died(job, exit_, child.stop))
            self._write_ends()
        self._dispatch()

    def _cancel_wanted(self) -> None:
        """Ask the children whose work somebody wants stopped; kill those that do not answer within a second."""
        working = [child for child in self._busy() if child.stop is None]
        if not working:
            return
        try:
            with self._database.read() as connection:
                subjects = queue.fetch_cancels(connection, self.name)
        except DatabaseUnavailableError as error:
            logger.warning("Wishes to cancel cannot be read now: %s", error)
            return
        for child in working:
            if child.job is not None and child.job.subject in subjects:
                child.cancel()
                self._loop.after(CANCEL_GRACE_SECONDS, partial(self._overdue, child, child.job, Stop.CANCEL))

    def _stop_child(self, child: Child, why: Stop) -> None:
        child.stop = child.stop or why
        child.kill()

    def _busy(self) -> list[Child]:
        return [child for pool in self._pools.values() for child in pool.busy]

    def _write_ends(self) -> None:
        """Write every end that is not written yet. What the database refuses for the moment is tried again with the next tick."""
        while self._unwritten:
            try:
                with self._database.write() as transaction:
                    self._unwritten[0](transaction)
            except DatabaseUnavailableError as error:
                logger.warning("An end cannot be written now and is tried again: %s", error)
                return
            self._unwritten.popleft()

    def _wind_down(self) -> None:
        """Let busy children end while there is time; kill those that are left, and see all of them dead and their ends written."""
        while self._busy() and time.monotonic() < self._deadline:
            self._loop.turn()
        for child in self._busy():
            self._stop_child(child, Stop.SHUTDOWN)
        self._kill_all()
        last = time.monotonic() + DEATH_SECONDS
        while any(pool.children for pool in self._pools.values()) and time.monotonic() < last:
            self._loop.turn()
        self._write_ends()

    def _kill_all(self) -> None:
        for pool in self._pools.values():
            for child in pool.children:
                child.kill()
