"""Author to compiled query; pure."""
