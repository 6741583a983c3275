"""Supply-chain finance on a permissioned chain: the product without HTTP."""
