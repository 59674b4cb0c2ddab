"""The grid that shows rows, and what stands around it."""
