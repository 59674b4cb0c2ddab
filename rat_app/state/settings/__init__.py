"""What the Settings page shows and does."""
