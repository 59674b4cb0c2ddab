"""The Query page: its tabs of editors and its tree of tables."""
