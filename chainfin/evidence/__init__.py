"""Verifies an evidence file without trusting its maker: no node, no database, no network."""
