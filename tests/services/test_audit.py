"""The chain finds what somebody with the whole database in his hands has changed."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from approval.models.audit import AuditEntry, entries_of
from approval.models.payout import PayoutBatch
from approval.rules.refusal import Refused
from approval.services import account, payout
from approval.services.audit import Fault, canonical, leaf_hash, verify
from approval.services.step import Conflict, keep_note, keep_record
from tests.app_fixtures import World
from tests.stages import cycle_of

TRIGGERS = ("audit_entry_no_update", "audit_entry_no_delete", "audit_entry_no_replace")


def forge(world: World, *statements: str) -> None:
    """What a database administrator could do: the triggers dropped, then anything."""
    for statement in (*(f"DROP TRIGGER {name}" for name in TRIGGERS), *statements):
        world.session.execute(text(statement.replace(":", "\\:")))
    world.session.commit()


def faults(world: World) -> list[Fault]:
    world.fresh()
    return list(verify(world.session))


def words(found: list[Fault]) -> str:
    return "；".join(f"{one.stream} {one.seq} {one.what}" for one in found)


def stream_of(world: World) -> str:
    """The chain of the pool: several entries by several people."""
    return f"bonus_pool:{world.session.scalar(text('SELECT id FROM bonus_pool'))}"


def test_the_whole_story_so_far_is_whole(submitted: World) -> None:
    assert (submitted.session.scalar(select(func.count()).select_from(AuditEntry)) or 0) > 100
    assert faults(submitted) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "'2026-10-01 00:00:00.000000'"),
        ("actor_id", "1"),
        ("on_behalf_of_id", "1"),
        ("action", "'bonus_pool:approve'"),
        ("from_state", "'approved'"),
        ("to_state", "'approved'"),
        ("reason", "'改写'"),
        ("prev_hash", "'00'"),
    ],
)
def test_an_edited_column_is_found_by_name(submitted: World, column: str, value: str) -> None:
    stream = stream_of(submitted)
    forge(submitted, f"UPDATE audit_entry SET {column} = {value} WHERE stream = '{stream}' AND seq = 2")
    told = words(faults(submitted))
    assert f"{stream} 2" in told
    assert column.removesuffix("_id") in told


def test_an_edited_record_is_found_even_where_its_columns_agree(submitted: World) -> None:
    stream = stream_of(submitted)
    forge(
        submitted,
        f"UPDATE audit_entry SET record = replace(record, '1710000', '1710001') WHERE stream = '{stream}' AND seq = 2",
    )
    assert words(faults(submitted)) == f"{stream} 2 记录的内容被改过"


@pytest.mark.parametrize("garbage", ["'{'", "'[]'", "''", "'null'"])
def test_a_record_made_unreadable_is_a_fault_and_no_crash(submitted: World, garbage: str) -> None:
    stream = stream_of(submitted)
    forge(submitted, f"UPDATE audit_entry SET record = {garbage} WHERE stream = '{stream}' AND seq = 2")
    assert "记录的内容被改过" in words(faults(submitted))


def test_a_deleted_entry_is_found(submitted: World) -> None:
    stream = stream_of(submitted)
    forge(submitted, f"DELETE FROM audit_entry WHERE stream = '{stream}' AND seq = 2")
    told = words(faults(submitted))
    assert "前面缺少第 2 条记录" in told
    assert "与前一条记录接不上" in told


def test_a_cut_tail_is_found(submitted: World) -> None:
    stream = stream_of(submitted)
    last = len(entries_of(submitted.session, stream))
    forge(submitted, f"DELETE FROM audit_entry WHERE stream = '{stream}' AND seq = {last}")
    assert f"对象停在第 {last} 条，记录链到第 {last - 1} 条为止" in words(faults(submitted))


def test_a_deleted_chain_is_found(submitted: World) -> None:
    stream = stream_of(submitted)
    forge(submitted, f"DELETE FROM audit_entry WHERE stream = '{stream}'")
    told = words(faults(submitted))
    assert "记录链到第 0 条为止" in told
    assert "一条记录也没有" in told


def test_entries_in_another_order_are_found(submitted: World) -> None:
    stream = stream_of(submitted)
    where = f"WHERE stream = '{stream}' AND seq ="
    forge(
        submitted,
        f"UPDATE audit_entry SET seq = 999 {where} 2",
        f"UPDATE audit_entry SET seq = 2 {where} 3",
        f"UPDATE audit_entry SET seq = 3 {where} 999",
    )
    told = words(faults(submitted))
    assert "seq 一栏与记录的内容不符" in told
    assert "与前一条记录接不上" in told


def test_a_state_changed_without_an_entry_is_found(submitted: World) -> None:
    month = submitted.month("cs")
    forge(submitted, f"UPDATE appraisal SET state = 'payout' WHERE id = {month.id}")
    assert words(faults(submitted)) == f"{month.stream} 0 对象的状态是 payout，最后一条记录是 split_approval"


def test_an_added_entry_is_found(submitted: World) -> None:
    stream = stream_of(submitted)
    last = entries_of(submitted.session, stream)[-1]
    forge(
        submitted,
        "INSERT INTO audit_entry (stream, seq, at, action, from_state, to_state, reason, record, prev_hash, hash) "
        f"VALUES ('{stream}', {last.seq + 1}, '2026-11-09 03:00:00', 'x', '', '', '', '{{}}', '{last.hash}', '00')",
    )
    assert f"记录链到第 {last.seq + 1} 条为止" in words(faults(submitted))


def test_a_chain_moved_to_another_thing_is_found(submitted: World) -> None:
    one, other = submitted.month("cs").stream, submitted.month("cs2").stream
    forge(
        submitted,
        f"UPDATE audit_entry SET stream = 'x' WHERE stream = '{one}'",
        f"UPDATE audit_entry SET stream = '{one}' WHERE stream = '{other}'",
        f"UPDATE audit_entry SET stream = '{other}' WHERE stream = 'x'",
    )
    assert "stream 一栏与记录的内容不符" in words(faults(submitted))


def test_a_thing_that_is_gone_leaves_its_chain_behind(submitted: World) -> None:
    keep_note(submitted.act("hr"), "exports", "people:export")
    submitted.session.commit()
    forge(submitted, "DELETE FROM audit_stream WHERE name = 'exports'")
    assert words(faults(submitted)) == "exports 0 有记录，但对象已不存在"


def test_a_rehashed_entry_breaks_the_link_of_the_next(submitted: World) -> None:
    stream = stream_of(submitted)
    entry = entries_of(submitted.session, stream)[1]
    told = json.loads(entry.record) | {"reason": "改写"}
    record = canonical(told)
    entry_id = entry.id
    for name in TRIGGERS:
        submitted.session.execute(text(f"DROP TRIGGER {name}"))
    change = text("UPDATE audit_entry SET record = :record, reason = '改写', hash = :hash WHERE id = :id")
    submitted.session.execute(change, {"record": record, "hash": leaf_hash(record), "id": entry_id})
    submitted.session.commit()
    assert words(faults(submitted)) == f"{stream} 3 与前一条记录接不上"


def test_a_clock_set_back_is_found(world: World) -> None:
    cycle = cycle_of(world)
    keep_record(world.act("hr"), cycle, "cycle:note")
    world.clock.pass_days(-1)
    keep_record(world.act("hr"), cycle, "cycle:note")
    world.session.commit()
    assert "时间早于前一条记录" in words(faults(world))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET reason = 'x' WHERE id = 1",
        "DELETE FROM audit_entry WHERE id = 1",
        "INSERT OR REPLACE INTO audit_entry SELECT * FROM audit_entry WHERE id = 1",
        "UPDATE pay_result SET total_fen = 1",
        "DELETE FROM pay_result",
        "UPDATE ledger_entry SET amount_fen = 1",
        "DELETE FROM ledger_entry",
    ],
)
def test_with_its_triggers_in_place_the_database_refuses(prepared: World, statement: str) -> None:
    batch = prepared.session.scalars(select(PayoutBatch)).one()
    payout.sign_off(prepared.act("gm"), batch, batch.fingerprint)
    prepared.session.commit()
    with pytest.raises(DatabaseError, match="insert only"):
        prepared.session.execute(text(statement))
    prepared.session.rollback()


def test_of_two_who_change_one_thing_the_second_is_told(world: World) -> None:
    act, cycle = world.act("hr"), cycle_of(world)
    assert cycle.version
    world.session.execute(text(f"UPDATE cycle SET version = version + 1 WHERE id = {cycle.id}"))
    with pytest.raises(Conflict) as caught:
        keep_record(act, cycle, "cycle:note")
    assert caught.value.stream == cycle.stream
    world.session.rollback()


def test_a_signed_in_person_leaves_an_entry_and_a_refused_one_too(world: World) -> None:
    world.sign_in("cs")
    with pytest.raises(Refused, match="工号或密码不对"):
        account.sign_in(world.act("hr"), "E1043", "wrong", "127.0.0.1", "")
    world.session.commit()
    actions = set(world.session.scalars(select(AuditEntry.action)))
    assert {"account:sign_in", "account:sign_in_refused"} <= actions
    assert faults(world) == []
