"""What keeps the journal append-only: triggers on SQLite, missing rights on PostgreSQL (docs/architecture.md).

On PostgreSQL the tables belong to the role that migrates; the application signs in as another role, which gets only what
`grants` returns. `miaoce check` says when an installation runs as the owner.
"""

APPEND_ONLY = ("registry_process", "registry_event", "registry_readingof", "registry_numberclaim")
LIST_ONLY_SPREADS = "registry_reading"  # its rows change once, from waiting to spread


def sqlite_triggers() -> list[str]:
    """Return the statements that make SQLite refuse to change or delete journal rows."""
    statements: list[str] = []
    for table in APPEND_ONLY:
        statements.extend(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
            for verb in ("UPDATE", "DELETE")
        )
    statements.append(
        f"CREATE TRIGGER {LIST_ONLY_SPREADS}_no_delete BEFORE DELETE ON {LIST_ONLY_SPREADS} "
        f"BEGIN SELECT RAISE(ABORT, 'append-only: {LIST_ONLY_SPREADS}'); END"
    )
    return statements


def grants(role: str, schema: str = "public") -> list[str]:
    """Return the statements that give the application's role its rights on PostgreSQL, run by the owner.

    `role` is a plain identifier; anything else raises ValueError, because it becomes part of a statement.
    """
    if not role.isidentifier() or not schema.isidentifier():
        raise ValueError("a role is a plain identifier")
    return [
        f'GRANT USAGE ON SCHEMA "{schema}" TO "{role}"',
        f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "{schema}" TO "{role}"',
        f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA "{schema}" TO "{role}"',
        *(f'REVOKE UPDATE, DELETE, TRUNCATE ON "{schema}"."{table}" FROM "{role}"' for table in APPEND_ONLY),
        f'REVOKE UPDATE, DELETE, TRUNCATE ON "{schema}"."{LIST_ONLY_SPREADS}" FROM "{role}"',
        f'GRANT UPDATE (is_spread) ON "{schema}"."{LIST_ONLY_SPREADS}" TO "{role}"',
    ]
