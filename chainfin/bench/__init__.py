"""Benchmarks: one module each, JSON out, beside its limit."""
