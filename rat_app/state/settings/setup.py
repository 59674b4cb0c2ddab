"""How this installation is set up, and whether it is in order."""

from __future__ import annotations

from dataclasses import dataclass

import reflex as rx

from rat_app.engine import call, engine
from rat_app.state.base import Failure, actor_of, handler
from rat_engine import Action, Check, SettingFact, build, version
from rat_engine.shapes.actions import copies

RATES = "RAT_RATE_"
# What the example asks for: it changes nothing, and there is always an answer.
EXAMPLE = "pipelines.list"


@dataclass(frozen=True)
class Api:
    """Where the REST API answers, and one question in the words of each front end."""

    address: str = ""
    curl: str = ""
    cli: str = ""
    python: str = ""


class SetupState(rx.State):
    """Settings in force, checks, and what this program is."""

    settings: rx.Field[list[SettingFact]] = rx.field(default_factory=list)
    rates: rx.Field[list[SettingFact]] = rx.field(default_factory=list)
    api: rx.Field[Api] = rx.field(default_factory=Api)
    version: rx.Field[str] = rx.field(default="")
    build: rx.Field[str] = rx.field(default="")
    checks: rx.Field[list[Check]] = rx.field(default_factory=list)
    checking: rx.Field[bool] = rx.field(default=False)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)
    check_failure: rx.Field[Failure] = rx.field(default_factory=Failure)

    @handler(Action.SYSTEM_READ, "read the settings", does="health.settings", shows="failure")
    async def load(self) -> None:
        """Read the settings in force; they change only with a new start."""
        facts = await call(engine().health.settings, actor_of(self))
        self.settings = [fact for fact in facts if not fact.variable.startswith(RATES)]
        self.rates = [fact for fact in facts if fact.variable.startswith(RATES)]
        self.version, self.build = version(), build()
        origin = self.router.url.origin.rstrip("/")
        made = copies(EXAMPLE, origin)
        self.api = Api(f"{origin}/api/v1", made.curl, made.cli, made.python)

    @handler(Action.SYSTEM_READ, "check the installation", does="health.doctor", shows="check_failure", background=True)
    async def check(self) -> None:
        """Check everything anew."""
        async with self:
            self.checking = True
        try:
            checks = await call(engine().health.doctor, actor_of(self))
            async with self:
                self.checks = list(checks)
        finally:
            async with self:
                self.checking = False
