"""Quality tests on a branch."""
