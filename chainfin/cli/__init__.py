"""The chainfin command: one file per group of commands."""
