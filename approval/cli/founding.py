"""Commands that make a database: the tables and the first account, or the demo company."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable

from sqlalchemy import inspect, select, text

from approval import config
from approval.app import create_app
from approval.cli.ground import now, the_app
from approval.clock import machine_time
from approval.db import db
from approval.migrations import upgrade
from approval.models.people import Company, Employee
from approval.rules.refusal import Refused
from approval.services import account, people
from approval.services.act import Act, Actor

FOUNDER = Actor(None, frozenset({"hr", "admin"}))


def begin(act: Act, company: str, number: str, name: str) -> str:
    """Found the company on an empty database, with one HR person; returns his one-time password."""
    people.found_company(act, company)
    first = people.engage(act, number, name, act.today)
    for office in ("admin", "hr"):
        people.appoint(act, first, office, act.today)
    password = account.first_password()
    account.open_account(act, first, password)
    return password


def init(args: argparse.Namespace) -> int:
    """Make or migrate the tables; on an empty database also the first account, with a one-time password."""
    app = the_app()
    with app.app_context():
        upgrade(db.engine)
        if db.session.scalars(select(Employee.id)).first() is not None:
            print("tables are up to date")
            return 0
        password = begin(Act(db.session, FOUNDER, now(app)), args.company, args.number, args.name)  # type: ignore[arg-type]
        db.session.commit()
        print(f"number {args.number}, one-time password {password}: sign in and change it")
    return 0


def demo(args: argparse.Namespace) -> int:
    """Write the demo company into an empty database; --reset empties the embedded one first."""
    from approval import demo as story

    os.environ.setdefault("APPROVAL_DEMO", "1")
    settings = config.from_environment()
    if args.reset:
        _empty(settings)
    app = create_app(settings)
    with app.app_context():
        upgrade(db.engine)
        if db.session.scalars(select(Company)).first() is not None:
            if args.if_empty:
                return 0
            print("the database is not empty; --reset begins the demo anew", file=sys.stderr)
            return 2
        story.tell(db.session, machine_time())  # type: ignore[arg-type]
        db.session.commit()
    print("the demo company is there")
    return 0


def _empty(settings: config.Settings) -> None:
    """Remove the demo's tables; anything but a demo is refused."""
    app = create_app(settings)
    with app.app_context():
        if inspect(db.engine).has_table("company"):
            company = db.session.scalars(select(Company)).first()
            if company is not None and company.demo_day is None:
                raise Refused("这个数据库里不是演示公司，不能清空", fault="not a demo")
        db.session.remove()
        with db.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("DROP SCHEMA public CASCADE"))
                connection.execute(text("CREATE SCHEMA public"))
            else:
                _drop_sqlite(connection.exec_driver_sql)
        db.engine.dispose()


def _drop_sqlite(run: Callable[[str], Iterable[tuple[str, ...]]]) -> None:
    run("PRAGMA defer_foreign_keys=ON")
    found = list(run("SELECT type, name FROM sqlite_master WHERE type IN ('trigger', 'table') ORDER BY type DESC"))
    for kind, name in found:
        if not name.startswith("sqlite_"):
            run(f'DROP {kind} IF EXISTS "{name}"')
