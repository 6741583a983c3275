"""The rows one pass changes, in memory, until they are written together.

A projection asks for rows by key and changes them; nothing reaches the database before `flush`,
which writes each table with one insert and one update. Rows that events will ask for are loaded
ahead by `load`, many to a query, so a pass over thousands of events costs a few dozen statements.

A staged row has the columns of its table as attributes and none of the object mapper's machinery,
which would make it seventy times as slow to create. Where no event ever changes or asks for a row,
a line of a statement say, it is a bare tuple, twice as fast again.
"""

from collections import defaultdict, namedtuple
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, field, make_dataclass
from functools import cache
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar, cast

from sqlmodel import Session

from chainfin.domain.service_errors import LogGap, RowMissing
from chainfin.models.bulk import Values, insert_rows, key_names, load_rows, table_of, update_rows
from chainfin.models.columns import IndexTable
from chainfin.models.credit_lines import CreditLineRow
from chainfin.models.deposits import DepositAccountRow
from chainfin.models.documents import DocumentRow
from chainfin.models.participants import ParticipantRow
from chainfin.models.receivables import ReceivableRow

Key: TypeAlias = tuple[Any, ...]
Need: TypeAlias = tuple[type[IndexTable], Key]
Scope: TypeAlias = Mapping[type[IndexTable], frozenset[Key]]

RowT = TypeVar("RowT", bound=IndexTable)
StreamT = TypeVar(
    "StreamT", ParticipantRow, ReceivableRow, DocumentRow, DepositAccountRow, CreditLineRow
)


class Rows:
    """The rows of one pass."""

    def __init__(self, session: Session, scope: Scope | None = None) -> None:
        """Stage rows of a database.

        Args:
            session: The database.
            scope: While part of the index is rebuilt, the keys of the rows that are; None for all.
        """
        self._session = session
        self._scope = scope
        self._rows: dict[type[IndexTable], dict[Key, Any]] = {}
        self._loaded: dict[type[IndexTable], dict[Key, Values]] = {}
        self._lines: defaultdict[type, list[Values]] = defaultdict(list)

    def covers(self, kind: type[IndexTable], *key: Any) -> bool:
        """Whether this row is to be written: always, but when part of the index is rebuilt."""
        return self._scope is None or key in self._scope.get(kind, ())

    def find(self, kind: type[RowT], *key: Any) -> RowT | None:
        """A row by its primary key, or None."""
        try:
            return cast("RowT | None", self._rows[kind][key])
        except KeyError:
            self.load([(kind, key)])
        return cast("RowT | None", self._rows[kind][key])

    def get(self, kind: type[RowT], *key: Any) -> RowT:
        """A row by its primary key.

        Raises:
            RowMissing: There is none.
        """
        row = self.find(kind, *key)
        if row is None:
            raise RowMissing(table_of(kind).name, _written(key))
        return row

    def add(self, row: IndexTable) -> None:
        """Stage a new row, made by the class `staged` gives for its table."""
        kind = _TABLES[type(row)]
        self._rows.setdefault(kind, {})[_key_of(kind)(row)] = row

    def append(self, row: IndexTable) -> None:
        """Stage a new row nobody asks for again, made by the class `line` gives for its table."""
        self._lines[type(row)].append(cast("Values", row))

    def load(self, needs: Iterable[Need]) -> None:
        """Load rows that will be asked for; those that do not exist are remembered as absent."""
        wanted: dict[type[IndexTable], dict[Key, None]] = {}
        for kind, key in needs:
            if key not in self._rows.get(kind, ()):
                wanted.setdefault(kind, {})[key] = None
        for kind, keys in wanted.items():
            known = self._rows.setdefault(kind, {})
            known.update(keys)
            make, key_of = staged(kind), _key_of(kind)
            for values in load_rows(self._session, kind, keys):
                row = make(*values)
                key = key_of(row)
                known[key] = row
                self._loaded.setdefault(kind, {})[key] = values

    def staged(self, kind: type[RowT]) -> list[RowT]:
        """Every row of a table that is staged."""
        return [row for row in self._rows.get(kind, {}).values() if row is not None]

    @property
    def changed(self) -> dict[str, int]:
        """How many rows `flush` would write, by table."""
        found = {}
        for kind in self._rows:
            new, altered = self._writes(kind)
            if new or altered:
                found[table_of(kind).name] = len(new) + len(altered)
        found |= {table_of(_TABLES[made]).name: len(rows) for made, rows in self._lines.items()}
        return found

    def flush(self) -> None:
        """Write what is new or changed; nothing is committed."""
        for kind in self._rows:
            new, altered = self._writes(kind)
            insert_rows(self._session, kind, new)
            update_rows(self._session, kind, altered)
        for made, lines in self._lines.items():
            insert_rows(self._session, _TABLES[made], lines)
        self._lines.clear()
        self._rows.clear()
        self._loaded.clear()

    def _writes(self, kind: type[IndexTable]) -> tuple[list[Values], list[tuple[Values, Values]]]:
        """New rows, and of changed ones what they were and what they are."""
        values_of, loaded = _values_of(kind), self._loaded.get(kind, {})
        new, altered = [], []
        for key, row in self._rows[kind].items():
            if row is None:
                continue
            values = values_of(row)
            before = loaded.get(key)
            if before is None:
                new.append(values)
            elif before != values:
                altered.append((before, values))
        return new, altered


def advance(rows: Rows, kind: type[StreamT], key: Key, sequence: int) -> StreamT:
    """The row of a stream, with one more event counted in it.

    Raises:
        LogGap: The event is not the next of its stream.
        RowMissing: The stream has not begun.
    """
    row = rows.find(kind, *key)
    known = 0 if row is None else row.sequence
    if sequence != known + 1:
        check_next(kind, key, known, sequence)
    if row is None:
        raise RowMissing(table_of(kind).name, _written(key))
    row.sequence = sequence
    return row


def check_next(kind: type[IndexTable], key: Key, known: int, found: int) -> None:
    """Refuse an event that is not the next of its stream.

    Raises:
        LogGap: It is not.
    """
    if found != known + 1:
        raise LogGap(f"{table_of(kind).name} {_written(key)}", known + 1, found)


def _written(key: Key) -> str:
    return "-".join(map(str, key))


_TABLES: dict[type, type[IndexTable]] = {}


def staged(kind: type[RowT]) -> type[RowT]:
    """The light class of a table's rows; made and read like the table's own."""
    return cast("type[RowT]", _light_class(kind))


def line(kind: type[RowT]) -> type[RowT]:
    """The tuple of a table's rows that are only ever added; made like the table's own."""
    return cast("type[RowT]", _tuple_class(kind))


@cache
def _tuple_class(kind: type[IndexTable]) -> type:
    made = namedtuple(kind.__name__, [column.name for column in table_of(kind).columns])  # type: ignore[misc]
    _TABLES[made] = kind
    return made


@cache
def _light_class(kind: type[IndexTable]) -> type:
    columns = list(table_of(kind).columns)
    required = max((i for i, column in enumerate(columns) if not column.nullable), default=-1)
    entries = [
        (column.name, Any, field(default=None if index > required else MISSING))
        for index, column in enumerate(columns)
    ]
    light = make_dataclass(kind.__name__, entries, slots=True, eq=False)
    _TABLES[light] = kind
    return light


@cache
def _values_of(kind: type[IndexTable]) -> Callable[[Any], Values]:
    return attrgetter(*[column.name for column in table_of(kind).columns])


@cache
def _key_of(kind: type[IndexTable]) -> Callable[[Any], Key]:
    names = key_names(kind)
    if len(names) > 1:
        return attrgetter(*names)
    name = names[0]
    return lambda row: (getattr(row, name),)
