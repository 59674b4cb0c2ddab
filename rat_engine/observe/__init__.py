"""What happened and how it goes: events, logs, results, health."""
