"""岗位薪酬表（等级表）: a figure of a policy by position and grade, dated: same grade, same base (R012, R013)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ColumnElement, Date, ForeignKey, Index, String, Text, or_, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from approval.models.base import BIG, FIGURE, Base, Instant
from approval.models.people import Employee, Position
from approval.rules.policy_parts import Param

VOIDED = "(voided_at IS NULL) = (voided_by_id IS NULL) AND (voided_at IS NULL) = (void_reason = '')"


class PostStandard(Base):
    """A figure of everybody in a position, of one grade or ("") of each that has no row of its own.

    A row that was a mistake is voided by somebody else than who set it, and one whose first day another row takes is voided
    with it; both stay and count for nothing (`in_table`).
    """

    __tablename__ = "post_standard"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    position_id: Mapped[int] = mapped_column(ForeignKey("position.id"), index=True)
    grade: Mapped[str] = mapped_column(String(20), default="")
    code: Mapped[str] = mapped_column(String(60))
    value: Mapped[Decimal] = mapped_column(FIGURE)
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date | None] = mapped_column(Date)
    import_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"))
    row_number: Mapped[int | None] = mapped_column()
    voided_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    voided_at: Mapped[datetime | None] = mapped_column(Instant)
    void_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    position: Mapped[Position] = relationship()
    voided_by: Mapped[Employee | None] = relationship(foreign_keys=[voided_by_id])
    __table_args__ = (
        Index(
            "uq_post_standard_live",
            "position_id",
            "grade",
            "code",
            "from_on",
            unique=True,
            sqlite_where=text("voided_at IS NULL"),
            postgresql_where=text("voided_at IS NULL"),
        ),
        CheckConstraint(VOIDED, name="voided_whole"),
        CheckConstraint("value >= 0", name="not_negative"),
        CheckConstraint("to_on IS NULL OR to_on >= from_on", name="to_after_from"),
    )


def in_table() -> ColumnElement[bool]:
    """SQL condition: the row is not voided."""
    return PostStandard.voided_at.is_(None)


def rows_of_post(session: Session, position_id: int, first: date, last: date) -> Sequence[PostStandard]:
    """The rows of a position that hold on some of these days, of every grade, the newest first."""
    query = select(PostStandard).where(
        PostStandard.position_id == position_id,
        in_table(),
        PostStandard.from_on <= last,
        or_(PostStandard.to_on.is_(None), PostStandard.to_on >= first),
    )
    return session.scalars(query.order_by(PostStandard.from_on.desc())).all()


def rows_fitting(rows: Sequence[PostStandard], param: Param, grade: str) -> list[PostStandard]:
    """Those of such rows that may fill a figure for a grade."""
    return [one for one in rows if one.code == param.code and one.grade in ("", grade) and param.of_post(one.grade)]


def row_for(rows: Sequence[PostStandard], param: Param, grade: str) -> PostStandard | None:
    """The row of such rows that fills a figure for a grade: the grade's own before the one of every grade, the oldest first."""
    fitting = rows_fitting(rows, param, grade)
    return max(fitting, key=lambda one: (one.grade == grade, -one.from_on.toordinal()), default=None)
