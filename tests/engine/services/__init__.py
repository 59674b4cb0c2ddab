"""Services over a real database."""
