"""The rat command: parse, call one service, print."""
