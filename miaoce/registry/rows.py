"""Putting many rows into a table, writing columns of many rows back, asking by many keys: one statement, many values.

PostgreSQL takes rows by COPY, SQLite by executemany; bulk_create would build every value anew through the compiler. Same
rows, same constraints, tested on both.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, cast

from django.db import connection, models
from django.db.models.lookups import In

_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
CHUNK = 2_000
COPY_FROM = 20  # below this a plain INSERT is as fast
TOGETHER_FROM = 20  # below this an ordinary list of parameters is as fast
REWRITE_FROM = 200  # below this a table to bring values in costs more than it saves

Prepare = Callable[[Any], Any]
Values = Iterable[Sequence[Any]]
Line = Mapping[str, Any]
"""A row by its columns as attributes (kindergarten_id): a tenth of the work of a model where thousands are made."""


def insert(objects: Sequence[models.Model]) -> None:
    """Insert new rows of one model inside the caller's transaction; a broken constraint raises IntegrityError."""
    if not objects:
        return
    model = type(objects[0])
    if len(objects) < COPY_FROM:
        model._default_manager.bulk_create(objects)
        return
    names = [field.attname for field in model._meta.concrete_fields]
    take = itemgetter(*names)
    insert_values(model, names, (take(row.__dict__) for row in objects))


def insert_values(model: type[models.Model], names: Sequence[str], values: Values) -> None:
    """Insert rows given as plain values, for tables with many small rows; as `insert` otherwise.

    `names` are the columns as attributes (kindergarten_id), in the order of the values. No default is filled in.
    """
    if isinstance(values, Sequence) and not values:
        return
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    columns = ", ".join(quote(_column(model._meta.get_field(name))) for name in names)
    ready = _ready(model, names, values)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _copy(cursor, f"{table} ({columns})", ready)
        else:
            marks = ", ".join(["%s"] * len(names))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", list(ready))  # noqa: S608 - names of our own models


def insert_lines(model: type[models.Model], lines: Sequence[Line]) -> None:
    """Insert rows each with its key; what a row leaves out is what a new model would hold. As `insert` otherwise."""
    if not lines:
        return
    names = [field.attname for field in model._meta.concrete_fields]
    take, empty = itemgetter(*names), blank(model)
    whole = (line if len(line) == len(names) else {**empty, **line} for line in lines)
    insert_values(model, names, [take(line) for line in whole])


def insert_new(model: type[models.Model], names: Sequence[str], values: Sequence[Sequence[Any]]) -> int:
    """Insert rows given as plain values, leave out those that the table has already, and return how many went in."""
    return _insert_but(model, names, values, "DO NOTHING")


def insert_or_write(model: type[models.Model], names: Sequence[str], values: Sequence[Sequence[Any]]) -> int:
    """Insert rows given as plain values, the key first, and write these columns over those that the table has already."""
    key, *others = (connection.ops.quote_name(_column(model._meta.get_field(name))) for name in names)
    setters = ", ".join(f"{column} = excluded.{column}" for column in others)
    return _insert_but(model, names, values, f"({key}) DO UPDATE SET {setters}")


def _insert_but(
    model: type[models.Model], names: Sequence[str], values: Sequence[Sequence[Any]], on_conflict: str
) -> int:
    """Insert rows, and say what is done with those that are there."""
    if not values:
        return 0
    quote, fields = connection.ops.quote_name, [model._meta.get_field(name) for name in names]
    target = f"{quote(model._meta.db_table)} ({', '.join(quote(_column(field)) for field in fields)})"
    ready = list(_ready(model, names, values))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            columns = ", ".join(f"%s::{field.db_type(connection)}[]" for field in fields)
            cursor.execute(
                f"INSERT INTO {target} SELECT * FROM unnest({columns}) ON CONFLICT {on_conflict}",  # noqa: S608 - names of our own models
                [list(column) for column in zip(*ready, strict=True)],
            )
        else:
            marks = ", ".join(["%s"] * len(names))
            cursor.executemany(f"INSERT INTO {target} VALUES ({marks}) ON CONFLICT {on_conflict}", ready)  # noqa: S608 - names of our own models
        return int(cursor.rowcount)


def blank(model: type[models.Model]) -> dict[str, Any]:
    """Return the columns of a new row but its key, each with its default."""
    return {field.attname: field.get_default() for field in model._meta.concrete_fields if not field.primary_key}


def rewrite(objects: Sequence[models.Model], columns: Sequence[str]) -> None:
    """Write these columns of known rows back by primary key, inside the caller's transaction."""
    if objects:
        rewrite_lines(type(objects[0]), [row.__dict__ for row in objects], columns)


def rewrite_lines(model: type[models.Model], lines: Sequence[Line], columns: Sequence[str]) -> None:
    """Write these columns of known rows back; as `rewrite` otherwise."""
    if not lines:
        return
    wanted = set(columns)
    fields = [*(field for field in model._meta.concrete_fields if field.name in wanted), model._meta.pk]
    names, quoted = [f.attname for f in fields], [connection.ops.quote_name(_column(f)) for f in fields]
    ready = _ready(model, names, map(itemgetter(*names), lines))
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(lines) >= REWRITE_FROM:
            _write_over(cursor, table, quoted, ready)
        else:
            setters = ", ".join(f"{column} = %s" for column in quoted[:-1])
            cursor.executemany(f"UPDATE {table} SET {setters} WHERE {quoted[-1]} = %s", list(ready))  # noqa: S608 - names of our own models


@models.UUIDField.register_lookup
@models.CharField.register_lookup
class ManyIn(In):
    """`__in` with many keys or digests as one parameter, where Django would write, and both drivers read, one for each.

    It means the same, and SQLite's limit of 32,766 parameters is none here. Few values and subqueries go Django's way.
    """

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """Return the condition."""
        if not self.rhs_is_direct_value() or len(self.rhs) < TOGETHER_FROM:
            return super().as_sql(compiler, connection)
        column, params = self.process_lhs(compiler, connection)
        if isinstance(self.lhs.output_field, models.UUIDField):
            kind, values = "uuid", [value.hex for value in self.rhs if value is not None]
        else:
            kind, values = "text", [value for value in self.rhs if value is not None]
        if connection.vendor != "postgresql":
            return f"{column} IN (SELECT value FROM json_each(%s))", (*params, json.dumps(values))  # noqa: S608 - our own column
        together = (
            f"{{{','.join(values)}}}" if kind == "uuid" else values
        )  # one text costs least, and digits need no quotes
        return f"{column} = ANY(%s::{kind}[])", (*params, together)


def counted(queries: Sequence["models.QuerySet[Any]"], *, most: int) -> list[int]:
    """Return how many rows each query finds, none counted further than `most`, all in one statement."""
    if not queries:
        return []
    asked = [query.order_by().values("pk")[:most].query.sql_with_params() for query in queries]
    counts = [f"(SELECT COUNT(*) FROM ({sql}) AS counted{place})" for place, (sql, _) in enumerate(asked)]  # noqa: S608 - Django's own
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(counts), [value for _, values in asked for value in values])
        return [int(count) for count in cursor.fetchone()]


def note_sizes() -> int:
    """Let SQLite look at a sample of each index, so that it chooses the one that finds fewest; PostgreSQL does so by itself."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA analysis_limit=1000")
            cursor.execute("ANALYZE")
    return 0


def _write_over(cursor: Any, table: str, quoted: Sequence[str], ready: Values) -> None:
    """Bring values in by COPY beside a table of PostgreSQL and write them over its rows; the key stands last.

    ANALYZE tells the planner how few they are, so that it follows the primary key and does not read the whole table.
    """
    columns, key = ", ".join(quoted), quoted[-1]
    setters = ", ".join(f"{column} = brought.{column}" for column in quoted[:-1])
    cursor.execute(f"CREATE TEMPORARY TABLE brought ON COMMIT DROP AS SELECT {columns} FROM {table} LIMIT 0")  # noqa: S608 - names of our own models
    _copy(cursor, f"brought ({columns})", ready)
    cursor.execute("ANALYZE brought")
    cursor.execute(f"UPDATE {table} SET {setters} FROM brought WHERE {table}.{key} = brought.{key}")  # noqa: S608 - names of our own models
    cursor.execute("DROP TABLE brought")


def _copy(cursor: Any, target: str, ready: Values) -> None:
    """Write rows into a table of PostgreSQL."""
    with connection.wrap_database_errors, cursor.copy(f"COPY {target} FROM STDIN") as copy:
        for row in ready:
            copy.write_row(row)


def _ready(model: type[models.Model], names: Sequence[str], values: Values) -> Iterator[Sequence[Any]]:
    """Yield rows as the driver takes them; only the columns that need it are turned."""
    prepare = _prepared(model, connection.vendor)
    turns = [(place, prepare[name]) for place, name in enumerate(names) if prepare[name] is not _as_it_is]
    for row in values:
        ready = list(row)
        for place, turn in turns:
            ready[place] = turn(ready[place])
        yield ready


def _column(field: Any) -> str:
    """Return the name of a field's column."""
    return str(field.column)


@lru_cache(maxsize=256)
def _prepared(model: type[models.Model], vendor: str) -> dict[str, Prepare]:
    """Return for each column how its value becomes one that the driver takes; cheap kinds skip the field's own code."""
    return {field.attname: _turn(field, vendor) for field in model._meta.concrete_fields}


def _turn(field: Any, vendor: str) -> Prepare:
    """Return the preparation of one field."""
    target = field.target_field if field.is_relation else field
    if isinstance(target, models.JSONField):
        return _json
    if own := getattr(target, "bulk_value", None):
        return cast(Prepare, own)
    plain = (models.CharField, models.TextField, models.IntegerField, models.BooleanField, models.BinaryField)
    if isinstance(target, plain) or (
        vendor == "postgresql" and isinstance(target, models.UUIDField | models.DateField)
    ):
        return _as_it_is
    if isinstance(target, models.UUIDField):
        return _hex
    if isinstance(target, models.DateField):  # of a batch most are alike
        return lru_cache(maxsize=1024)(lambda value: target.get_db_prep_save(value, connection))
    return lambda value: target.get_db_prep_save(value, connection)


def _as_it_is(value: Any) -> Any:
    return value


def _hex(value: Any) -> Any:
    return None if value is None else value.hex


def _json(value: Any) -> Any:
    return None if value is None else _encode(value)
