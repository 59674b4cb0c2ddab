"""What a pipeline's page knows and can do, tab by tab."""
