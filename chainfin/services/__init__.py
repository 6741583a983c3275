"""Use cases, named by what a participant does."""
