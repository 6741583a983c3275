"""`python -m chainfin` is the `chainfin` command."""

from chainfin.cli import app

if __name__ == "__main__":
    app()
