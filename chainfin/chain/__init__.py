"""Everything that speaks to a node."""
