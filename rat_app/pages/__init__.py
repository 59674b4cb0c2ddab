"""Layout, one module per screen."""
