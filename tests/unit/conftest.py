"""Hypothesis without deadlines: how fast an example is on a busy machine says nothing."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("rat", deadline=None)
settings.load_profile("rat")
