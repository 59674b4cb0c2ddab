"""Going anywhere and doing anything by its name or by a key."""
