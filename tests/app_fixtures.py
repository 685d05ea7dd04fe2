"""An app on an empty database, a small company in it, and browsers of its people: what the stories are told with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextvars import Context
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from approval.app import create_app
from approval.clock import Clock
from approval.config import Settings
from approval.db import db
from approval.demo_company import filled
from approval.models.appraisal import Appraisal
from approval.models.people import Account, Department, Employee, Position
from approval.rules.policy import shipped_text
from approval.services import account, cycle, notice, people, policy
from approval.services.act import Act, Actor, actor_of
from approval.services.versions import people_in_scope
from tests.schema import create_schema

ZONE = ZoneInfo("Asia/Shanghai")
PASSWORD = "correct horse"
PERIOD = "2026-10"
FIRST = date(2026, 1, 1)
_HASH = account.password_hash(PASSWORD)


class TestClock(Clock):
    """A clock that stands still until a test moves it."""

    __test__ = False

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def go_to(self, day: date, hour: int = 10) -> None:
        self.moment = datetime(day.year, day.month, day.day, hour, tzinfo=ZONE)

    def pass_days(self, days: int) -> None:
        self.moment += timedelta(days=days)


class OutsideClient(FlaskClient):
    """A client whose requests come from outside: the test's own app context (its `g`, its session) stays out of them."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        return Context().run(super().open, *args, **kwargs)


@dataclass
class Browser:
    """One person's browser: forms are sent with the page's own token, as a browser would."""

    client: FlaskClient
    last: TestResponse | None = field(default=None)

    def get(self, path: str, status: int = 200) -> str:
        self.last = self.client.get(path)
        assert self.last.status_code == status, f"GET {path}: {self.last.status_code}\n{self.text[:1500]}"
        return self.text

    @property
    def text(self) -> str:
        return "" if self.last is None else self.last.get_data(as_text=True)

    def token(self, path: str = "/password") -> str:
        page = self.client.get(path).get_data(as_text=True)
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found is not None, f"no form on {path}"
        return found[1]

    def post(self, path: str, data: dict[str, Any] | None = None, status: int = 303) -> str:
        """Send a form; follows to the answer's page where it redirects. `status` is that of the answer itself."""
        body = {"csrf_token": self.token(), **(data or {})}
        self.last = self.client.post(path, data=body)
        assert self.last.status_code == status, f"POST {path}: {self.last.status_code}\n{self.text[:2000]}"
        if status in (302, 303):
            self.last = self.client.get(self.last.location)
        return self.text


@dataclass
class World:
    """The app with its small company; people by short name, months by number."""

    app: Flask
    clock: TestClock
    numbers: dict[str, str]

    @property
    def session(self) -> Session:
        return db.session  # type: ignore[return-value]

    def fresh(self) -> None:
        """End the test's own transaction, so that it reads what the browsers have written since."""
        self.session.commit()

    def statements(self, work: Callable[[], object]) -> int:
        """How many SQL statements a piece of work takes; to begin a transaction is none."""
        said: list[str] = []

        def hear(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            if not statement.startswith("BEGIN"):
                said.append(statement)

        event.listen(db.engine, "before_cursor_execute", hear)
        try:
            work()
        finally:
            event.remove(db.engine, "before_cursor_execute", hear)
        return len(said)

    def employee(self, name: str) -> Employee:
        return self.session.scalars(select(Employee).where(Employee.number == self.numbers[name])).one()

    def act(self, name: str) -> Act:
        """The act of a person now, for what a story needs before its first page."""
        self.fresh()
        now = self.clock.now()
        return Act(self.session, actor_of(self.session, self.employee(name).id, now.astimezone(ZONE).date()), now)

    def month(self, name: str) -> Appraisal:
        """The person's latest appraisal, fresh from the database."""
        self.fresh()
        query = select(Appraisal).where(Appraisal.employee_id == self.employee(name).id).order_by(Appraisal.id.desc())
        return self.session.scalars(query).first() or pytest.fail(f"{name} has no appraisal")

    def sign_in(self, name: str, password: str = PASSWORD) -> Browser:
        """A new browser with this person signed in."""
        client = self.app.test_client()
        page = client.get("/login").get_data(as_text=True)
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert token is not None
        body = {"csrf_token": token[1], "number": self.numbers[name], "password": password}
        answer = client.post("/login", data=body)
        assert answer.status_code == 303, answer.get_data(as_text=True)[:1500]
        return Browser(client)

    def departments(self) -> dict[str, Department]:
        return {one.name: one for one in self.session.scalars(select(Department))}


# short name: number, name, unit, position code, supervisor's short name
STAFF = {
    "gm": ("G0001", "孙国栋", "总经办", "GM", None),
    "hr": ("H0001", "何静", "财务行政部", "HR", "gm"),
    "finance": ("F0001", "冯岚", "财务行政部", "FI", "gm"),
    "auditor": ("A0001", "安平", "总经办", "AU", "gm"),
    "data": ("D0009", "戴宁", "财务行政部", "DA", "gm"),
    "head": ("D0012", "赵立新", "电商部", "部长", "gm"),
    "lead": ("S0207", "周敏", "客服部", "营销专员", "head"),
    "cs": ("E1043", "马骏", "客服部", "客服专员", "lead"),
    "cs2": ("E1041", "陈思远", "客服部", "客服专员", "lead"),
    "copy": ("E1023", "林晓雨", "策划部", "C-1", "lead"),
    "ops": ("E1031", "郭子涵", "运营/推广", "Y-1", "lead"),
    "other_head": ("D0020", "钱峰", "发货部", "部长", "gm"),
    "shipper": ("E2001", "田野", "发货部", "仓储发货员", "other_head"),
}
OFFICES = (("gm", "general_manager"), ("hr", "hr"), ("finance", "finance"), ("auditor", "auditor"), ("data", "data"))
POLICIES = (
    "d08-customer-service",
    "d09-marketing",
    "d17-c1",
    "d17-c2",
    "d17-y1",
    "d01-ec-department",
    "d04-chief-designer-m1",
    "d08-shipping-supervisor",
    "demo/department-head",
    "demo/shipping-staff",
)
POSITIONS = {
    "GM": "总经理",
    "HR": "人事专员",
    "FI": "财务专员",
    "AU": "审计专员",
    "DA": "数据专员",
    "部长": "部长",
    "营销专员": "营销专员",
    "客服专员": "客服专员",
    "C-1": "文案策划",
    "Y-1": "运营专员",
    "仓储发货员": "仓储发货员",
}


def publish_shipped(act: Act, codes: tuple[str, ...], readings: Mapping[str, str] | None = None) -> None:
    """Put shipped policies into force without the pages: drafted, reviewed by HR, published, read by everybody."""
    by_number = {one.number: one.id for one in act.session.scalars(select(Employee))}
    for code in codes:
        text = filled(shipped_text(code))
        version = policy.draft_policy(act, text, {**policy.default_readings(text), **(readings or {})}, FIRST)
        hr = Act(act.session, Actor(by_number["H0001"], frozenset({"hr"})), act.at)
        policy.review_policy(hr, version)
        gm = Act(act.session, Actor(by_number["G0001"], frozenset({"general_manager"})), act.at)
        policy.publish_policy(gm, version, official=True)
        for reader in people_in_scope(act.session, version, FIRST):
            notice.acknowledge(Act(act.session, Actor(reader.id), act.at), version)


def found(act: Act) -> None:
    """Found the small company of STAFF."""
    people.found_company(act, "测试公司")
    root = {name: people.add_department(act, name) for name in ("总经办", "财务行政部", "电商部", "发货部")}
    units = {name: people.add_department(act, name, root["电商部"]) for name in ("客服部", "策划部", "运营/推广")}
    departments = root | units
    positions: dict[str, Position] = {c: people.add_position(act, c, name) for c, name in POSITIONS.items()}
    staff: dict[str, Employee] = {}
    for short, (number, name, unit, code, boss) in STAFF.items():
        staff[short] = people.engage(act, number, name, FIRST)
        supervisor = staff[boss].id if boss else None
        post = people.Post(departments[unit].id, positions[code].id, supervisor, FIRST)
        people.assign(act, staff[short], post)
        act.session.add(Account(employee_id=staff[short].id, password_hash=_HASH, must_change_password=False))
    for short, office in OFFICES:
        people.appoint(act, staff[short], office, FIRST)
    people.appoint(act, staff["head"], "department_head", FIRST, departments["电商部"])
    people.appoint(act, staff["other_head"], "department_head", FIRST, departments["发货部"])
    for short, base in (
        ("copy", "3000"),
        ("ops", "2000"),
        ("head", "8000"),
        ("shipper", "3200"),
        ("other_head", "6000"),
    ):
        people.set_pay_standard(act, staff[short], "base", Decimal(base), FIRST)
    for short in ("head", "other_head"):
        people.set_pay_standard(act, staff[short], "performance", Decimal(2000), FIRST)
    act.session.flush()


@pytest.fixture
def clock() -> TestClock:
    """Monday 2 November 2026, ten in the morning: October is over, its steps are open."""
    return TestClock(datetime(2026, 11, 2, 10, tzinfo=ZONE))


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the small company, its policies published, and October 2026 opened for both departments."""
    path = tmp_path_factory.mktemp("company") / "company.db"
    app = create_app(Settings(f"sqlite:///{path}", "x" * 40, path.parent))
    with app.app_context():
        create_schema(db.engine)
        begun = datetime(2026, 1, 1, 9, tzinfo=ZONE)
        act = Act(db.session, Actor(None, frozenset({"hr", "admin"})), begun)  # type: ignore[arg-type]
        found(act)
        publish_shipped(act, POLICIES)
        october = Act(act.session, act.actor, datetime(2026, 10, 1, 9, tzinfo=ZONE))
        for name in ("电商部", "发货部"):
            department = db.session.scalars(select(Department).where(Department.name == name)).one()
            cycle.open_cycle(october, department, PERIOD)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return path


@pytest.fixture
def world(founded: Path, tmp_path: Path, clock: TestClock) -> Iterator[World]:
    """A fresh copy of the small company, on 2 November 2026, with October open."""
    path = tmp_path / "company.db"
    path.write_bytes(founded.read_bytes())
    app = create_app(Settings(f"sqlite:///{path}", "x" * 40, tmp_path), clock)
    app.testing = True
    app.test_client_class = OutsideClient
    with app.app_context():
        yield World(app, clock, {short: row[0] for short, row in STAFF.items()})
        db.session.remove()
        db.engine.dispose()
