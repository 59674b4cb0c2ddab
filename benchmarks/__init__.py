"""Measurements beside peers. Nothing here is a test: a figure is reported, whatever it is."""
