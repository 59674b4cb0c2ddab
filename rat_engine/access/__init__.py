"""Who, and what they may do; for processes, what the operating system lets them do."""
