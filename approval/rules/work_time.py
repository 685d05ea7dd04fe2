"""The hours of a week that a policy asks for, held against the statutory ones (Labour Law, article 36)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from approval.rules.number import number
from approval.rules.policy import Policy
from approval.rules.policy_lint import Lint
from approval.rules.refusal import Refused

Raw = Mapping[str, Any]
MOST_A_DAY = 8
MOST_A_WEEK = 44
_MINUTES_A_DAY = 24 * 60
_CLOCK = re.compile(r"([01]?[0-9]|2[0-4]):([0-5][0-9])", re.ASCII)


def daily_hours(raw: Raw) -> Decimal | None:
    """The hours of a working day: as written, else from the first minute to the last; None where neither is told."""
    try:
        return number(raw["hours_per_day"])
    except (KeyError, Refused):
        return _span(raw)


def weekly_hours(raw: Raw) -> Decimal | None:
    """The hours of a week: those of a day for every working day; None where days or hours are not told."""
    hours, days = daily_hours(raw), raw.get("days")
    return hours * len(set(days)) if hours is not None and isinstance(days, list) else None


def _span(raw: Raw) -> Decimal | None:
    first, last = _minute(raw.get("from")), _minute(raw.get("to"))
    if first is None or last is None:
        return None
    return Decimal((last - first) % _MINUTES_A_DAY or _MINUTES_A_DAY) / 60


def _minute(told: object) -> int | None:
    found = _CLOCK.fullmatch(told.strip()) if isinstance(told, str) else None
    return None if found is None else int(found[1]) * 60 + int(found[2])


def work_time_lints(policy: Policy) -> tuple[Lint, ...]:
    """Say where the working time is longer than the law allows; a day's span may hold breaks, so only its week counts."""
    told = policy.raw.get("work_time")
    if not isinstance(told, Mapping):
        return ()
    week, day = weekly_hours(told), daily_hours(told) if "hours_per_day" in told else None
    if week is not None and week > MOST_A_WEEK:
        return (
            _lint(
                "每周 %(hours)s 小时，超过法定每日 8 小时、每周平均 44 小时（劳动法第三十六条）；系统不计算加班费", week
            ),
        )
    if day is not None and day > MOST_A_DAY:
        return (_lint("每天 %(hours)s 小时，超过法定每日 8 小时（劳动法第三十六条）；系统不计算加班费", day),)
    return ()


def _lint(text: str, hours: Decimal) -> Lint:
    return Lint("warn", "work_time", "work_time", text, {"hours": hours_text(hours)})


def hours_text(hours: Decimal) -> str:
    """Hours as people write them: 72, 7.5, two places at most."""
    text = format(round(hours, 2), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
