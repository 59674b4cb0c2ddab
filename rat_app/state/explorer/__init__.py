"""What the Explorer and the pages of a table know and can do."""
