"""Decide what a run will do; no side effects."""
