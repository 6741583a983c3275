"""Supply-chain finance on a permissioned chain: the product without HTTP."""

__version__ = "0.1.0"
