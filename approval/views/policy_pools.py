"""A team bonus pool in words: where its money comes from, who takes part, how it is split and approved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from approval.i18n import own_name
from approval.models.people import OFFICES
from approval.views.policy_words import percent, yuan

Raw = Mapping[str, Any]
PERIODS = {"month": "每月", "quarter": "每季度", "year": "每年"}
PARTS = {"rate": "完成率"}
BEFORE = {"payout": "发放款项"}


def pool_facts(pool: Raw) -> list[tuple[str, str]]:
    """The facts of one pool by label, in the order in which it is made, split and paid."""
    return list(_facts(pool))


def _facts(pool: Raw) -> Iterator[tuple[str, str]]:
    yield _("周期"), _word(PERIODS, pool["period"])
    if pool.get("sources"):
        yield _("总额"), " + ".join(_source(one) for one in pool["sources"])
    if pool.get("completion"):
        yield _("目标实际完成率"), _completion(pool["completion"])
        yield _("实发金额"), _("总额 × 目标实际完成率")
    yield _("谁可以分"), _("；").join(_takers(pool))
    if pool.get("split"):
        yield _("怎样分配"), _("；").join(_split(pool["split"]))
    if pool.get("approve"):
        yield _("由谁批准"), _approval(pool["approve"])


def _word(words: Mapping[str, str], code: str) -> str:
    return str(_(words[code])) if code in words else own_name(code)


def _source(told: Raw) -> str:
    if "input" in told:
        return str(_("每期录入的金额"))
    if "amount" in told:
        return str(_("固定金额 %(amount)s", amount=yuan(told["amount"])))
    return f"{yuan(told.get('base', ''))} × {percent(told.get('rate', ''))}"


def _completion(told: Raw) -> str:
    parts = " + ".join(_word(PARTS, one) for one in told.get("parts", ()))
    if cap := told.get("cap"):
        return str(_("%(parts)s，最多 %(most)s", parts=parts, most=percent(str(cap))))
    return str(_("%(parts)s，不封顶", parts=parts))


def _takers(pool: Raw) -> Iterator[str]:
    for one in pool.get("eligible", ()):
        day = one.get("date", "")
        if one.get("field") != "left_on":
            yield f"{one.get('field')} {day}"
        elif one.get("rule") == "after":
            yield _("%(day)s 及以前离职的不参加", day=day)
        else:
            yield _("%(day)s 以前离职的不参加，当天离职的参加", day=day)
    if pool.get("include_head", True):
        yield _("部门负责人参加分配（A-31）")
    else:
        yield _("部门负责人不参加分配（A-31）")


def _split(told: Raw) -> Sequence[str]:
    found = []
    if "by" in told:
        found.append(_("由%(who)s设计分配方案", who=_word(OFFICES, told["by"])))
    if "remainder" in told:
        found.append(_("零头按最大余数法分到分"))
    return found


def _approval(told: Raw) -> str:
    who = _word(OFFICES, told.get("by", ""))
    return str(_("%(who)s，在%(what)s之前", who=who, what=_word(BEFORE, told["before"]))) if "before" in told else who
