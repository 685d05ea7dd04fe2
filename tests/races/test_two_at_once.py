"""Two people at once on one thing: one wins, the other is told, and there is one entry; on SQLite and on PostgreSQL."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from approval.app import create_app
from approval.config import Settings
from approval.db import db
from approval.models import Base
from approval.models.audit import AuditEntry
from approval.models.bonus_pool import BonusPool
from approval.models.cycle import Cycle
from approval.models.payout import PayoutBatch, Payslip
from approval.models.people import Employee
from approval.services import bonus_pool, payout
from approval.services.act import Act, actor_of
from approval.services.audit import verify
from approval.services.step import Conflict
from tests.app_fixtures import STAFF, ZONE, OutsideClient, TestClock, World
from tests.schema import create_schema
from workflows.engine import NotAllowed

Command = Callable[[Act], object]
ROUNDS = 3


def moved(source: Path, url: str) -> None:
    """Copy a whole company from a SQLite file into PostgreSQL, table by table."""
    old, new = create_engine(f"sqlite:///{source}"), create_engine(url)
    create_schema(new)
    with old.connect() as reading, new.begin() as writing:
        writing.execute(text("SET session_replication_role = replica"))
        for table in Base.metadata.sorted_tables:
            rows = [dict(row._mapping) for row in reading.execute(select(table))]
            if rows:
                writing.execute(table.insert(), rows)
        for table in Base.metadata.sorted_tables:
            if "id" in table.c:
                last = f"(SELECT COALESCE(MAX(id), 0) + 1 FROM {table.name})"
                writing.execute(text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {last}, false)"))
    old.dispose()
    new.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path, clock: TestClock) -> Iterator[Callable[[Path], Flask]]:
    """Makes an app on a copy of a company's file, in either database."""
    made: list[Flask] = []

    def make(source: Path) -> Flask:
        if request.param == "sqlite":
            path = tmp_path / "race.db"
            shutil.copy(source, path)
            url = f"sqlite:///{path}"
        else:
            url = request.getfixturevalue("fresh_postgres_url")
            moved(source, url)
        clock.go_to(clock.moment.date().replace(day=9))
        app = create_app(Settings(url, "x" * 40, tmp_path), clock)
        app.testing = True
        app.test_client_class = OutsideClient
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def at_once(app: Flask, clock: TestClock, *commands: tuple[str, Command]) -> list[str]:
    """Run commands of people in threads that start together, each in a transaction of its own; how each ended."""
    barrier, ended = threading.Barrier(len(commands)), [""] * len(commands)

    def run(place: int, who: str, command: Command) -> None:
        with app.app_context():
            session: Session = db.session  # type: ignore[assignment]
            if session.get_bind().dialect.name == "sqlite":
                session.connection(execution_options={"sqlite_begin": "DEFERRED"})
            number = STAFF[who][0]
            employee = session.scalars(select(Employee.id).where(Employee.number == number)).one()
            act = Act(session, actor_of(session, employee, clock.now().astimezone(ZONE).date()), clock.now())
            try:
                barrier.wait(10)
                command(act)
                session.commit()
                ended[place] = "won"
            except (Conflict, NotAllowed, IntegrityError, OperationalError) as error:
                session.rollback()
                ended[place] = type(error).__name__
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(n, who, command)) for n, (who, command) in enumerate(commands)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return ended


def approve(act: Act) -> None:
    pool = act.session.scalars(select(BonusPool)).one()
    assert pool.split is not None
    bonus_pool.approve_split(act, pool, pool.split.fingerprint)


def send_back(act: Act) -> None:
    pool = act.session.scalars(select(BonusPool)).one()
    assert pool.split is not None
    bonus_pool.send_back_split(act, pool, pool.split.fingerprint, "请写明理由")


def withdraw(act: Act) -> None:
    bonus_pool.withdraw_split(act, act.session.scalars(select(BonusPool)).one())


def prepare(act: Act) -> None:
    payout.prepare_payout(act, act.session.scalars(select(Cycle).join(BonusPool, BonusPool.cycle_id == Cycle.id)).one())


def sign(act: Act) -> None:
    batch = act.session.scalars(select(PayoutBatch)).one()
    payout.sign_off(act, batch, batch.fingerprint)


def entries(action: str) -> int:
    query = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == action)
    return db.session.scalar(query) or 0


def whole() -> bool:
    return list(verify(db.session)) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("other", [approve, send_back, withdraw], ids=["approve", "send_back", "withdraw"])
def test_one_decision_on_a_split_wins(
    house: Callable[[Path], Flask], submitted_file: Path, clock: TestClock, other: Command
) -> None:
    app = house(submitted_file)
    who = "head" if other is withdraw else "gm"
    ended = at_once(app, clock, ("gm", approve), (who, other))
    assert sorted(one == "won" for one in ended) == [False, True], ended
    with app.app_context():
        told = [entries(f"bonus_pool:{verb}") for verb in ("approve", "send_back", "withdraw")]
        assert sum(told) == 1
        assert whole()


def test_a_month_is_put_into_one_batch_only(
    house: Callable[[Path], Flask], payable_file: Path, clock: TestClock
) -> None:
    app = house(payable_file)
    ended = at_once(app, clock, ("finance", prepare), ("finance", prepare), ("finance", prepare))
    assert ended.count("won") == 1, ended
    with app.app_context():
        live = select(Payslip.employee_id).where(Payslip.live.is_(True))
        payees = db.session.scalars(live).all()
        assert len(payees) == len(set(payees)) == 6
        assert whole()


def test_a_batch_is_signed_once(house: Callable[[Path], Flask], prepared_file: Path, clock: TestClock) -> None:
    app = house(prepared_file)
    ended = at_once(app, clock, *[("gm", sign)] * 4)
    assert ended.count("won") == 1, ended
    with app.app_context():
        assert entries("payout:sign_off") == 1
        assert whole()


def test_the_same_button_twice_has_one_effect_and_the_first_answer(payable: World) -> None:
    finance = payable.sign_in("finance")
    page = finance.get("/payouts")
    path = re.search(r'action="(/payouts/prepare/\d+)"', page)
    key = re.search(r'name="once" value="([^"]+)"', page)
    assert path is not None
    assert key is not None
    finance.post(path[1], {"once": key[1]})
    first = finance.last.request.path if finance.last else ""
    finance.post(path[1], {"once": key[1]})
    assert (finance.last.request.path if finance.last else "") == first
    payable.fresh()
    assert len(payable.session.scalars(select(PayoutBatch)).all()) == 1


def test_a_used_key_with_another_content_is_refused(payable: World) -> None:
    finance = payable.sign_in("finance")
    page = finance.get("/payouts")
    path = re.search(r'action="(/payouts/prepare/\d+)"', page)
    key = re.search(r'name="once" value="([^"]+)"', page)
    assert path is not None
    assert key is not None
    finance.post(path[1], {"once": key[1]})
    assert "已经处理过" in finance.post(path[1], {"once": key[1], "more": "x"}, status=409)


def test_whoever_saw_an_older_version_is_told_and_nothing_is_written(submitted: World) -> None:
    manager = submitted.sign_in("gm")
    number = submitted.session.scalars(select(BonusPool.id)).one()
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', manager.get(f"/approvals/{number}"))
    assert seen is not None
    head = submitted.sign_in("head")
    head.post(f"/bonus-pools/{number}/withdraw")
    page = manager.post(f"/bonus-pools/{number}/approve", {"seen": seen[1]}, status=409)
    assert "现在" in page
    submitted.fresh()
    assert submitted.session.get_one(BonusPool, number).state == "splitting"
