"""Views as functions of their arguments. They know neither state nor engine."""
