"""The `chainfin` command. Operators' commands use services; participants' use the HTTP client.

Exit codes: 0 done; 1 the answer is "no"; 2 wrong use; 3 a dependency is away.
"""

from chainfin.cli.app import app

__all__ = ["app"]
