"""What the query page knows and can do."""
