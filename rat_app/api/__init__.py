"""REST API v1: parse, call one service, answer. Knows FastAPI and the engine, never Reflex."""
