"""The trade's rules: pure values and functions; no node, no table, no HTTP, no clock, no float."""
