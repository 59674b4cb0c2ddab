"""RAT's portal: pages look, state acts, and the engine does the work."""
