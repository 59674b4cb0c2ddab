"""The explorer's engine."""
