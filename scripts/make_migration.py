"""Write a revision for what changed in the private tables: `make migration NAME="..."`.

The tables as the code has them are compared with an empty database brought to the newest revision.
What it wrote is a proposal: read it, and write what moves data. Then name it as NEWEST in
chainfin/models/schema.py.
"""

import sys

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from chainfin.models.schema import migration_config


def main(message: str) -> None:
    """Write the next revision."""
    with create_engine("sqlite://").begin() as connection:
        config = migration_config(connection)
        scripts = ScriptDirectory.from_config(config)
        newest = scripts.get_current_head()
        if newest is not None:
            command.upgrade(config, newest)
        number = f"{int(newest or 0) + 1:04}"
        command.revision(config, message, autogenerate=True, rev_id=number)


if __name__ == "__main__":
    main(sys.argv[1])
