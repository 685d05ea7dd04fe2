"""The chain of a thing: each entry is canonical JSON, hashed as an RFC 6962 leaf, and names the hash before it."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from approval.models.audit import AuditEntry
from approval.models.base import Base, Chained, Stateful
from approval.services.act import Act
from workflows.engine import No

_ENTRIES: Table = AuditEntry.__table__  # type: ignore[assignment]


@dataclass(frozen=True)
class Fault:
    """One broken place of a chain: the stream, the entry's number (0 for the thing's row) and what is wrong, in words."""

    stream: str
    seq: int
    what: No


def plain(value: Any) -> Any:
    """Bring a value to what canonical JSON may hold: text in NFC, whole numbers, booleans; decimals and dates as text."""
    if isinstance(value, bool | int) or value is None:
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    return unicodedata.normalize("NFC", str(value))


def canonical(value: Mapping[str, Any]) -> str:
    """Canonical JSON (RFC 8785 for what `plain` lets through): sorted keys, no spaces."""
    return json.dumps(plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def leaf_hash(record: str) -> str:
    """SHA-256 of 0x00 and the record, as hex."""
    return hashlib.sha256(b"\x00" + record.encode()).hexdigest()


@dataclass(frozen=True)
class Entry:
    """What a step leaves behind, before it is chained."""

    action: str
    from_state: str = ""
    to_state: str = ""
    reason: str = ""
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Sealed:
    """An entry with its place in the chain: the row to insert, and the hash that becomes the head."""

    row: Mapping[str, Any]
    head: str


def seal(act: Act, stream: str, seq: int, prev_hash: str, entry: Entry) -> Sealed:
    """Give an entry its place after `prev_hash` and its hash; nothing is written yet."""
    told = {
        "stream": stream,
        "seq": seq,
        "at": act.at,
        "on_behalf_of": act.actor.on_behalf_of,
        "action": entry.action,
        "from_state": entry.from_state,
        "to_state": entry.to_state,
        "reason": entry.reason,
        "prev_hash": prev_hash,
    }
    body = {"actor": act.actor.employee_id, "offices": sorted(act.actor.offices), "body": entry.body or {}}
    record = canonical({**told, **body})
    row = {key: value for key, value in told.items() if key != "on_behalf_of"}
    row |= {"actor_id": act.actor.employee_id, "on_behalf_of_id": act.actor.on_behalf_of, "record": record}
    return Sealed({**row, "hash": leaf_hash(record)}, leaf_hash(record))


def chain(act: Act, sealed: Sealed) -> None:
    """Insert a sealed entry."""
    act.session.connection().execute(insert(_ENTRIES), sealed.row)


def verify(session: Session) -> Iterator[Fault]:
    """Walk every chain and every chained row, and yield what does not fit; nothing yielded means whole.

    Finds edits of any column, deleted, inserted or reordered entries, a cut tail, a state that moved without an entry,
    and a clock set back. What a full re-hash can hide is found only against checkpoints kept outside.
    """
    heads: dict[str, tuple[int, str, str]] = {}
    seq, prev, stream, last_at = 0, "", "", None
    query = select(AuditEntry).order_by(AuditEntry.stream, AuditEntry.seq).execution_options(yield_per=1000)
    for entry in session.scalars(query):
        if entry.stream != stream:
            stream, seq, prev, last_at = entry.stream, 0, "", None
        yield from _entry_faults(entry, seq, prev, last_at)
        seq, prev, last_at = entry.seq, entry.hash, entry.at
        heads[stream] = (entry.seq, entry.hash, entry.to_state)
    yield from _row_faults(session, heads)


def _entry_faults(entry: AuditEntry, seq: int, prev: str, last_at: datetime | None) -> Iterator[Fault]:
    if entry.seq != seq + 1:
        yield Fault(entry.stream, entry.seq, No("前面缺少第 %(n)s 条记录", n=seq + 1))
    if entry.prev_hash != prev:
        yield Fault(entry.stream, entry.seq, No("与前一条记录接不上"))
    if leaf_hash(entry.record) != entry.hash:
        yield Fault(entry.stream, entry.seq, No("记录的内容被改过"))
    if last_at is not None and entry.at < last_at:
        yield Fault(entry.stream, entry.seq, No("时间早于前一条记录"))
    told = _told(entry.record)
    for name, value in _columns(entry).items():
        if told.get(name) != value:
            yield Fault(entry.stream, entry.seq, No("%(column)s 一栏与记录的内容不符", column=name))


def _told(record: str) -> dict[str, Any]:
    """What a record says; one that was made unreadable says nothing."""
    try:
        told = json.loads(record)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _columns(entry: AuditEntry) -> dict[str, Any]:
    """The columns that repeat the record, as the record would have them."""
    return {
        "stream": entry.stream,
        "seq": entry.seq,
        "at": plain(entry.at),
        "actor": entry.actor_id,
        "on_behalf_of": entry.on_behalf_of_id,
        "action": entry.action,
        "from_state": entry.from_state,
        "to_state": entry.to_state,
        "reason": plain(entry.reason),
        "prev_hash": entry.prev_hash,
    }


def _row_faults(session: Session, heads: dict[str, tuple[int, str, str]]) -> Iterator[Fault]:
    for mapper in Base.registry.mappers:
        if not issubclass(mapper.class_, Chained):
            continue
        for thing in session.scalars(select(mapper.class_).order_by("id").execution_options(yield_per=1000)):
            seq, head, state = heads.pop(thing.stream, (0, "", ""))
            if (thing.audit_seq, thing.audit_head) != (seq, head):
                what = No("对象停在第 %(own)s 条，记录链到第 %(n)s 条为止", own=thing.audit_seq, n=seq)
                yield Fault(thing.stream, 0, what)
            if isinstance(thing, Stateful) and seq and thing.state != state:
                what = No("对象的状态是 %(own)s，最后一条记录是 %(told)s", own=thing.state, told=state)
                yield Fault(thing.stream, 0, what)
            if isinstance(thing, Stateful) and not seq:
                yield Fault(thing.stream, 0, No("一条记录也没有"))
    for stream in heads:
        yield Fault(stream, 0, No("有记录，但对象已不存在"))
