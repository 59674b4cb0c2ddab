"""What a page knows and can do; the only caller of the engine."""
