"""The console: pages over the same services."""
