"""The typed HTTP client that participants use; orders are signed locally."""
