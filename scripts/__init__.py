"""Programs that a person or a machine starts."""
