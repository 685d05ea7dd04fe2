"""The declarative base, exact column types, and what every chained thing carries."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Dialect, Integer, MetaData, String, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import DateTime

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

BIG = BigInteger().with_variant(Integer(), "sqlite")


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)


class Instant(TypeDecorator[datetime]):
    """A moment: UTC in the database, aware in Python; a naive datetime is refused."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Exact(TypeDecorator[Decimal]):
    """A decimal kept as a whole number of 10^-places: exact, comparable and alike on SQLite and PostgreSQL.

    It is read with `least` places or as many more as it has (all of them, where `least` is not given).
    """

    impl = BigInteger
    cache_ok = True

    def __init__(self, places: int, least: int | None = None) -> None:
        super().__init__()
        self.places = places
        self.least = places if least is None else least

    def __repr__(self) -> str:
        return f"Exact({self.places})"

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        scaled = value.scaleb(self.places)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{value} has more than {self.places} places")
        return int(scaled)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else _shortened(Decimal(int(value)).scaleb(-self.places), self.least)


def _shortened(value: Decimal, least: int) -> Decimal:
    """Without trailing zeros beyond the places that it is read with at least."""
    if value.as_tuple().exponent == -least:
        return value
    short = value.quantize(Decimal(1).scaleb(-least))
    return short if short == value else value.normalize()


SCORE = Exact(2)
MONTH_SCORE = Exact(6, least=2)
DAYS = Exact(2)
FIGURE = Exact(6)


def one_of(column: str, values: tuple[str, ...] | dict[str, str]) -> CheckConstraint:
    """CHECK that a column holds one of the named values."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


class Chained:
    """A thing with its own audit chain; `version` is moved with it, so the chain is the optimistic lock too."""

    stream_name: ClassVar[str]

    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    version: Mapped[int] = mapped_column(default=0)
    audit_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    audit_head: Mapped[str] = mapped_column(String(64), default="")

    @property
    def stream(self) -> str:
        return f"{self.stream_name}:{self.id}"


class Stateful(Chained):
    """A chained thing that a workflow moves; only `take_step` writes `state`."""

    state: Mapped[str] = mapped_column(String(32))
