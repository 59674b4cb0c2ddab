"""The children of one lane: some are always kept warm, more are started under load, worn ones are replaced."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from rat_engine.domain.health import LaneStaff, Worker, WorkerState
from rat_engine.domain.job import Job, Lane
from rat_engine.errors import TooLargeError
from rat_engine.observe.roster import memory_of, moment_of
from rat_engine.worker.process import ChildProcess, Exit
from rat_engine.worker.protocol import Answer, Assignment, Cancel, Ready

JOBS_PER_CHILD = 500
GROWTH_BYTES = 512 << 20
IDLE_SECONDS = 60.0
LONGEST_PAUSE = 30.0
TRIES = 3

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LanePlan:
    """How a lane is staffed: ``entry`` (``module:function``) opens its children, ``most`` of them work at a time, ``warm`` are always kept.

    What is queued in a ``patient`` lane stays queued while no child can be started; in others, where somebody waits, it fails with the reason.
    """

    lane: Lane
    entry: str
    most: int
    warm: int = 1
    patient: bool = False


class Stop(StrEnum):
    """Why a child that is at work is being stopped."""

    CANCEL = "cancel"
    TIMEOUT = "timeout"
    SHUTDOWN = "shutdown"
    LOST = "lost"


@dataclass(slots=True)
class Child:
    """One child and what it does. ``baseline`` is its memory in bytes when it was ready, 0 before."""

    process: ChildProcess
    job: Job | None = None
    stop: Stop | None = None
    worn: bool = False
    killed: bool = False
    silent: bool = False
    jobs: int = 0
    baseline: int = 0
    since: float = field(default_factory=time.monotonic)

    @property
    def idle(self) -> bool:
        """Whether it is ready and has nothing to do."""
        return self.baseline > 0 and self.job is None and not self.killed and not self.silent

    def told(self) -> Worker:
        """What others are told of it."""
        ending = self.killed or self.silent or self.stop is not None
        busy = WorkerState.BUSY if self.job is not None else WorkerState.IDLE
        state = WorkerState.STOPPING if ending else busy if self.baseline else WorkerState.STARTING
        kind, subject = (self.job.kind, self.job.subject) if self.job is not None else (None, "")
        return Worker(self.process.pid, state, moment_of(self.since), memory_of(self.process.pid), kind, subject)

    def cancel(self) -> None:
        """Tell it to stop what it does."""
        self.stop = Stop.CANCEL
        if self.job is not None:
            with contextlib.suppress(OSError):
                # One that is dead already is noticed as such.
                self.process.channel.send(Cancel(self.job.subject))

    def kill(self) -> None:
        """End it at once; it is given nothing more, and its end is noticed like any other."""
        self.killed = True
        self.process.kill()


class Pool:
    """The children of one lane."""

    def __init__(self, plan: LanePlan, environment: Mapping[str, str]) -> None:
        self.plan = plan
        self.children: list[Child] = []
        self._environment = environment
        self.reason = ""
        self._failures = 0
        self._not_before = 0.0
        self._note = ""

    def told(self) -> LaneStaff:
        """What others are told of the lane."""
        return LaneStaff(self.plan.lane, self.plan.most, self.plan.warm, tuple(child.told() for child in self.children))

    @property
    def busy(self) -> list[Child]:
        """Those at work."""
        return [child for child in self.children if child.job is not None]

    @property
    def failing(self) -> bool:
        """Whether several children in a row could not even start, and none is there that did; ``reason`` tells what they said."""
        return self._failures >= TRIES and not any(child.baseline for child in self.sound)

    @property
    def broken(self) -> bool:
        """Whether it is failing, and the next try is not due."""
        return self.failing and time.monotonic() < self._not_before

    def free(self) -> Child | None:
        """A child that may be given work now, or None. The least worn and longest ready comes first."""
        if len(self.busy) >= self.plan.most:
            return None
        idle = [child for child in self.children if child.idle]
        return min(idle, key=lambda child: (child.worn, child.since), default=None)

    @property
    def sound(self) -> list[Child]:
        """Those that are to go on working."""
        return [child for child in self.children if not child.worn and not child.killed and not child.silent]

    @property
    def short(self) -> bool:
        """Whether fewer are sound than are always kept."""
        return len(self.sound) < self.plan.warm

    @property
    def stretched(self) -> bool:
        """Whether all are at work and one more is allowed."""
        return len(self.sound) < self.plan.most and all(child.job is not None for child in self.sound)

    def start(self) -> Child | None:
        """Start a child; None while the pause after a failure lasts."""
        if time.monotonic() < self._not_before:
            return None
        try:
            child = Child(ChildProcess.start(self.plan.lane.value, self.plan.entry, self._environment))
        except OSError as error:
            self._failed(f"No process can be started: {error.strerror}.")
            return None
        self.children.append(child)
        return child

    def surplus(self) -> list[Child]:
        """Idle children that may go: worn ones once a sound one is ready, and those beyond the kept ones that had nothing to do for a minute."""
        worn = [child for child in self.children if child.idle and child.worn and any(other.baseline for other in self.sound)]
        rested = [child for child in self.sound if child.idle and time.monotonic() - child.since > IDLE_SECONDS]
        return worn + rested[: max(0, len(self.sound) - self.plan.warm)]

    def ready(self, child: Child, ready: Ready) -> None:
        """``child`` has imported everything."""
        child.baseline, child.since = max(ready.rss_bytes, 1), time.monotonic()
        self._failures, self.reason = 0, ""
        if ready.note and ready.note != self._note:
            self._note = ready.note
            logger.warning("The children of lane %s are less confined than they should be: %s", self.plan.lane.value, ready.note)

    def assign(self, child: Child, job: Job, assignment: Assignment, descriptors: tuple[int, ...]) -> None:
        """Give ``child`` a job. Raises TooLargeError for one that cannot be told; the child is idle then."""
        child.job, child.since = job, time.monotonic()
        child.jobs += 1
        try:
            child.process.channel.send(assignment, descriptors)
        except TooLargeError:
            child.job = None
            raise
        except OSError as error:
            # Its end is noticed in a moment, and written like that of any other that died at work.
            logger.warning("Child %d does not take a job: %s", child.process.pid, error)
            child.kill()

    def release(self, child: Child, answer: Answer) -> None:
        """``child`` has answered and is idle again, unless it was told to stop: who was interrupted works no more."""
        child.job, child.since = None, time.monotonic()
        child.worn = child.worn or child.jobs >= JOBS_PER_CHILD or answer.rss_bytes - child.baseline > GROWTH_BYTES
        if child.stop is not None:
            child.kill()

    def remove(self, child: Child, exit_: Exit) -> None:
        """``child`` is dead. One that never was ready makes the next wait longer."""
        self.children.remove(child)
        if child.baseline == 0 and not child.killed:
            self._failed(f"It {exit_}.")

    def _failed(self, why: str) -> None:
        self._failures += 1
        self.reason = self.reason or why
        pause = min(LONGEST_PAUSE, 0.5 * 2**self._failures)
        self._not_before = time.monotonic() + pause
        logger.error("No child of lane %s could be started; the next try is in %.0f s. %s", self.plan.lane.value, pause, self.reason)
