"""RAT's tests: real parts in temporary folders; names are sentences."""
