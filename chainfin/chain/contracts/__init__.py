"""One file per contract, one typed function per contract function; every read names its block."""
