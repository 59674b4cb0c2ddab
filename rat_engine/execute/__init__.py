"""Carry out one plan."""
