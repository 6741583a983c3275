"""From the chain to the index."""
