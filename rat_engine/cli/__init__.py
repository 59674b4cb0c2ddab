"""The command ``rat``: parse, call one service, print. Nothing heavy is imported before a command needs it."""
