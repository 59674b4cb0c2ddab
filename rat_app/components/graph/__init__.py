"""Lineage drawn: a small graph in HTML for any page, and the large one of the Lineage page."""
