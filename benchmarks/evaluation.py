"""Evaluation of 100,000 months: `python -m benchmarks.evaluation [--months 100000] [--rounds 3] [--out FILE]`.

Three ways from the same stored figures (8 scored items, 8 figures a month, policy C-1) to the kept fen of every line, in
turn: the product's rules, one SQL statement written by hand, and a loop over mapped objects with Decimals. All three must
keep the same fen; then every hundredth month is explained and must show it again. Prints medians and ratios.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, ForeignKey, Integer, create_engine, func, insert, select, type_coerce
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, selectinload

from approval.models.base import DAYS, SCORE, Exact
from approval.rules.amounts import amounts_of_rows
from approval.rules.arithmetic import Column
from approval.rules.pay import evaluate
from approval.rules.policy import read_shipped

ITEMS = (40, 20, 10, 10, 5, 5, 5, 5)
ROOT = Path(__file__).resolve().parent.parent
FEN = Decimal("0.01")


class Base(DeclarativeBase):
    pass


class Month(Base):
    """The figures of one month as the product keeps them: whole hundredths."""

    __tablename__ = "month"
    id: Mapped[int] = mapped_column(primary_key=True)
    base: Mapped[Decimal] = mapped_column(Exact(2))
    special: Mapped[Decimal] = mapped_column(Exact(2))
    scheduled: Mapped[Decimal] = mapped_column(DAYS)
    actual: Mapped[Decimal] = mapped_column(DAYS)
    late: Mapped[int]
    early: Mapped[int]
    leave: Mapped[int]
    absent_days: Mapped[Decimal] = mapped_column(DAYS)
    items: Mapped[list[Item]] = relationship()


class Item(Base):
    __tablename__ = "item"
    id: Mapped[int] = mapped_column(primary_key=True)
    month_id: Mapped[int] = mapped_column(ForeignKey("month.id"), index=True)
    points: Mapped[Decimal] = mapped_column(SCORE)


class Pay(Base):
    """What was computed, a column a line."""

    __tablename__ = "pay"
    month_id: Mapped[int] = mapped_column(primary_key=True)
    base: Mapped[Decimal] = mapped_column(Exact(2))
    full_attendance: Mapped[Decimal] = mapped_column(Exact(2))
    performance_bonus: Mapped[Decimal] = mapped_column(Exact(2))
    allowance: Mapped[Decimal] = mapped_column(Exact(2))
    special_reward: Mapped[Decimal] = mapped_column(Exact(2))


def fill(engine: Engine, months: int) -> None:
    """The same figures in every run: everything that a rule can turn on occurs."""
    chance = random.Random(20261001)  # noqa: S311  (no secret)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        for first in range(0, months, 5_000):
            numbers = range(first + 1, min(first + 5_000, months) + 1)
            session.execute(insert(Month), [_month(chance, number) for number in numbers])
            session.execute(insert(Item), [row for number in numbers for row in _items(chance, number)])
        session.commit()


def _month(chance: random.Random, number: int) -> dict[str, Any]:
    scheduled = chance.choice((20, 21, 22, 23))
    return {
        "id": number,
        "base": Decimal(chance.randrange(2000_00, 9000_00)).scaleb(-2),
        "special": Decimal(chance.choice((0, 0, 0, 100_00, 388_88))).scaleb(-2),
        "scheduled": Decimal(scheduled),
        "actual": Decimal(scheduled) - Decimal(chance.choice((0, 0, 0, 0.5, 1, 3))).quantize(Decimal("0.1")),
        **{name: chance.choice((0, 0, 0, 1, 2)) for name in ("late", "early", "leave")},
        "absent_days": Decimal(chance.choice((0,) * 19 + (1,))),
    }


def _items(chance: random.Random, number: int) -> list[dict[str, Any]]:
    return [
        {"month_id": number, "points": Decimal(chance.randrange(most * 40, most * 100 + 1)).scaleb(-2)}
        for most in ITEMS
    ]


POINTS = select(Item.month_id, func.sum(Item.points, type_=SCORE).label("score")).group_by(Item.month_id).subquery()
FIGURES = ("scheduled", "actual", "late", "early", "leave", "absent_days", "special")
CODES = ("base", "score", *FIGURES)
PLACES = {"late": 0, "early": 0, "leave": 0}
QUERY = select(Month.id, Month.base, POINTS.c.score, *(getattr(Month, name) for name in FIGURES)).join(
    POINTS, POINTS.c.month_id == Month.id
)
AS_KEPT = QUERY.with_only_columns(*(type_coerce(one, Integer) for one in QUERY.selected_columns))
LINES = ("base", "full_attendance", "performance_bonus", "allowance", "special_reward")


def by_rules(engine: Engine) -> None:
    """The product's way: the policy as data, compiled once, over the whole numbers that the tables keep."""
    columns = [Column(code == "base", code, PLACES.get(code, 2)) for code in CODES]
    lines = amounts_of_rows(read_shipped("d17-c1"), columns)
    assert lines is not None
    with engine.begin() as connection:
        driver = connection.connection.cursor()
        driver.execute(str(AS_KEPT.compile(engine)))
        while part := driver.fetchmany(10_000):
            connection.exec_driver_sql("INSERT INTO pay VALUES (?, ?, ?, ?, ?, ?)", list(map(lines, part)))


STATEMENT = """
INSERT INTO pay
SELECT m.id,
  (2 * m.base * min(m.actual, m.scheduled) + m.scheduled) / (2 * m.scheduled),
  CASE WHEN m.late + m.early + m.leave >= 3 OR m.absent_days >= 100 THEN 0 ELSE (2 * m.base + 10) / 20 END,
  CASE WHEN s.score < 6000 THEN 0 WHEN s.score < 7000 THEN 12000 WHEN s.score < 8000 THEN 18000 ELSE 30000 END,
  30000, m.special
FROM month m JOIN (SELECT month_id, sum(points) AS score FROM item GROUP BY month_id) s ON s.month_id = m.id
"""


def by_statement(engine: Engine) -> None:
    """The floor: one statement that knows this one scheme by heart."""
    with engine.begin() as connection:
        connection.exec_driver_sql(STATEMENT)


def by_objects(engine: Engine) -> None:
    """What is usually written: mapped objects with their items, Decimals, one new object a month."""
    with Session(engine) as session:
        months = session.scalar(select(func.count()).select_from(Month)) or 0
        for first in range(0, months, 2_000):
            query = select(Month).where(Month.id > first, Month.id <= first + 2_000)
            found = session.scalars(query.options(selectinload(Month.items))).all()
            session.add_all([_by_decimals(one) for one in found])
            session.flush()
            session.expunge_all()
        session.commit()


def _by_decimals(month: Month) -> Pay:
    score = sum((item.points for item in month.items), Decimal(0))
    lost = month.late + month.early + month.leave >= 3 or month.absent_days >= 1
    rate = Decimal(1 if score >= 80 else "0.6" if score >= 70 else "0.4" if score >= 60 else 0)
    return Pay(
        month_id=month.id,
        base=(month.base * min(month.actual, month.scheduled) / month.scheduled).quantize(FEN, ROUND_HALF_UP),
        full_attendance=Decimal(0) if lost else (month.base / 10).quantize(FEN, ROUND_HALF_UP),
        performance_bonus=(300 * rate).quantize(FEN, ROUND_HALF_UP),
        allowance=Decimal(300),
        special_reward=month.special,
    )


def explained(engine: Engine) -> None:
    """Every hundredth month with its words: each line shows the fen that was kept."""
    policy, shown = read_shipped("d17-c1"), 0
    with engine.connect() as connection:
        for number, base, *given in connection.execute(QUERY.where(Month.id % 100 == 0)).all():
            told = evaluate(policy, {"base": base}, dict(zip(CODES[1:], given, strict=True)))
            kept = connection.exec_driver_sql("SELECT * FROM pay WHERE month_id = ?", (number,)).one()
            assert tuple(line.amount_fen for line in told.lines) == tuple(kept[1:])
            assert all(line.formula and line.rules and line.quote for line in told.lines)
            shown += 1
    print(f"{shown} months explained, each line to the fen that was kept")


def measured(engine: Engine, rounds: int) -> dict[str, float]:
    """Median seconds of each way, run in turn."""
    ways: dict[str, Callable[[Engine], None]] = {"objects": by_objects, "statement": by_statement, "rules": by_rules}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    sums = set()
    for _ in range(rounds):
        for name, way in ways.items():
            with engine.begin() as connection:
                connection.exec_driver_sql("DELETE FROM pay")
            begun = time.perf_counter()
            way(engine)
            seconds[name].append(time.perf_counter() - begun)
            sums.add(_kept(engine))
    if len(sums) != 1:
        sys.exit(f"the ways differ: {sums}")
    print(f"every way kept {sums.pop()}: months, fen of each line")
    return {name: statistics.median(all_of_it) for name, all_of_it in seconds.items()}


def _kept(engine: Engine) -> tuple[int, ...]:
    with engine.connect() as connection:
        columns = ", ".join(f"sum({one})" for one in LINES)
        return tuple(connection.exec_driver_sql(f"SELECT count(*), {columns} FROM pay").one())  # noqa: S608


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--months", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=ROOT / "var" / "evaluation.json")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/months.db")
        fill(engine, told.months)
        found = measured(engine, told.rounds)
        explained(engine)
    ratios = {
        "rules / statement (bar: at most 2.5)": round(found["rules"] / found["statement"], 2),
        "objects / rules (bar: at least 10)": round(found["objects"] / found["rules"], 1),
    }
    for name, value in {**{k: f"{v:.2f} s" for k, v in found.items()}, **ratios}.items():
        print(f"{name:40} {value}")
    told.out.parent.mkdir(parents=True, exist_ok=True)
    told.out.write_text(json.dumps({"months": told.months, "seconds": found, "ratios": ratios}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
