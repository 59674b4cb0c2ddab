"""The view of a run's log."""
