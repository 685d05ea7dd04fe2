"""take_step: the one door to a new state. State, audit entry and version move together, or nothing moves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from sqlalchemy import CursorResult, Table, bindparam, select, update
from sqlalchemy.orm import Session

from approval.models.audit import AuditStream
from approval.models.base import Chained, Stateful
from approval.services.act import Act
from approval.services.audit import Entry, chain, seal
from workflows.engine import Workflow

F = TypeVar("F")


class Conflict(Exception):
    """Somebody else changed the thing since it was read: nothing was written, the page must be read again."""

    def __init__(self, stream: str) -> None:
        self.stream = stream
        super().__init__(f"{stream} was changed by somebody else")


def take_step(
    act: Act,
    thing: Stateful,
    workflow: Workflow[F],
    trigger: str,
    facts: F,
    *,
    reason: str = "",
    changes: Mapping[str, Any] | None = None,
    body: Mapping[str, Any] | None = None,
) -> str:
    """Move `thing` by `trigger`: guards asked, then one UPDATE and one audit entry, in the caller's transaction.

    `changes` are columns that move with the state; before and after go into the entry beside `body`. Returns the new state.
    Raises NotAllowed with the guards' reasons, Conflict where somebody else was quicker.
    """
    dest = workflow.decide(thing.state, trigger, facts, reason)
    entry = Entry(f"{workflow.name}:{trigger}", thing.state, dest, reason.strip(), _told(thing, changes, body))
    _write(act, thing, {**(changes or {}), "state": dest}, entry)
    return dest


def start(act: Act, thing: Stateful, workflow: Workflow[Any], body: Mapping[str, Any] | None = None) -> None:
    """Add a new thing in its workflow's initial state, with the first entry of its chain."""
    thing.state = workflow.initial
    act.session.add(thing)
    act.session.flush()
    _write(act, thing, {}, Entry(f"{workflow.name}:start", "", thing.state, "", body))


def keep_record(
    act: Act,
    thing: Chained,
    action: str,
    *,
    reason: str = "",
    changes: Mapping[str, Any] | None = None,
    body: Mapping[str, Any] | None = None,
) -> None:
    """Change columns of a chained thing without moving its state, with an entry; the same lock and the same chain."""
    state = thing.state if isinstance(thing, Stateful) else ""
    entry = Entry(action, state, state, reason.strip(), _told(thing, changes, body))
    _write(act, thing, dict(changes or {}), entry)


def keep_note(
    act: Act, stream_name: str, action: str, *, reason: str = "", body: Mapping[str, Any] | None = None
) -> None:
    """Add an entry to a stream that belongs to no row: a sign-in, an export, a look at somebody's payslip."""
    keep_record(act, _stream(act.session, stream_name), action, reason=reason, body=body)


def _stream(session: Session, name: str) -> AuditStream:
    found = session.scalars(select(AuditStream).where(AuditStream.name == name)).first()
    if found is None:
        found = AuditStream(name=name)
        session.add(found)
        session.flush()
    return found


def _told(thing: Chained, changes: Mapping[str, Any] | None, body: Mapping[str, Any] | None) -> dict[str, Any]:
    """The body of an entry: what was said, and each changed column before and after."""
    told = dict(body or {})
    moved = {
        name: [getattr(thing, name), value] for name, value in (changes or {}).items() if getattr(thing, name) != value
    }
    if moved:
        told["changes"] = moved
    return told


_UPDATES: dict[tuple[str, frozenset[str]], Any] = {}


def _update_of(table: Table, columns: frozenset[str]) -> Any:
    """One UPDATE statement per table and set of columns, built once (performance.md bar 1)."""
    key = (table.name, columns)
    if key not in _UPDATES:
        statement = update(table).where(table.c.id == bindparam("b_id"), table.c.version == bindparam("b_version"))
        _UPDATES[key] = statement.values({name: bindparam(f"v_{name}") for name in columns})
    return _UPDATES[key]


def _write(act: Act, thing: Chained, values: dict[str, Any], entry: Entry) -> None:
    """The UPDATE comes first: of two at once the second waits on it and then finds another version."""
    session = act.session
    session.flush()
    sealed = seal(act, thing.stream, thing.audit_seq + 1, thing.audit_head, entry)
    moved = {**values, "version": thing.version + 1, "audit_seq": thing.audit_seq + 1, "audit_head": sealed.head}
    table = cast(Table, type(thing).__table__)  # type: ignore[attr-defined]
    bound = {f"v_{name}": value for name, value in moved.items()} | {"b_id": thing.id, "b_version": thing.version}
    done = session.connection().execute(_update_of(table, frozenset(moved)), bound)
    if cast("CursorResult[Any]", done).rowcount != 1:
        raise Conflict(thing.stream)
    chain(act, sealed)
    session.refresh(thing)
