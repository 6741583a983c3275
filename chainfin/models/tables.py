"""All tables: they register themselves with their metadata when their modules are imported."""

from importlib import import_module
from pkgutil import iter_modules

from sqlalchemy import MetaData
from sqlmodel import SQLModel

from chainfin.models.columns import IndexTable


def private_metadata() -> MetaData:
    """The private tables, all of them."""
    _import_tables()
    return SQLModel.metadata


def index_metadata() -> MetaData:
    """The copy of the chain, all of it."""
    _import_tables()
    return IndexTable.metadata


def _import_tables() -> None:
    package = import_module("chainfin.models")
    for module in iter_modules(package.__path__, "chainfin.models."):
        if not module.ispkg:
            import_module(module.name)
