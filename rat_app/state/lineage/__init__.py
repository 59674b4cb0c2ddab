"""What the Lineage page, and the small graphs on other pages, know and can do."""
