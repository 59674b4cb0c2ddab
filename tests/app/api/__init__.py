"""The REST API over a real engine."""
