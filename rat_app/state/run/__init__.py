"""What a run's page knows and can do."""
