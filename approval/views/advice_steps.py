"""The evidence behind an advice as steps: what is on record, what is next and who does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from approval.models.advice import PROTECTION, Advice, AdviceEvidence
from approval.models.appraisal import Appraisal
from approval.services.act import Act
from approval.services.advice import offers
from approval.services.advice_evidence import (
    COACHED,
    DATED,
    coaching_for,
    evidence_of,
    is_below,
    items_of,
    missing_evidence,
    months_after,
    trained_until,
)
from approval.views.door import act
from approval.views.page import number_text, period_text
from forms.advice import EvidenceForm

# What a step is for, and who does it.
WHY = {
    "talk": ("听本人说明原因，把谈话内容和双方签字记下来", "部门负责人或人事面谈，人事登记"),
    "training": ("没有经过培训或调岗，低分本身不能说明不能胜任", "部门负责人安排并记在“培训与辅导”里，人事登记"),
    "second": (
        "培训或调岗之后开始的月份，复核后仍低于界限；合格就不采纳这条建议",
        "主管评分、部门负责人复核，人事登记",
    ),
    "union": ("把理由事先通知工会；没有工会的通知当地工会，意见和处理结果一并存档", "人事通知并登记"),
    PROTECTION: ("写明核对过什么、为什么仍要采纳；不写出具体情形", "只由人事写"),
    "goal": ("写明改进什么、什么时候再看一次", "人事登记"),
    "checked": ("有异议没有处理的月份先处理", "人事登记"),
}
DONE, NEXT, LATER = "done", "next", "later"


@dataclass(frozen=True)
class Typed:
    """The form of one item as it was typed and refused."""

    item: str
    form: EvidenceForm


@dataclass(frozen=True)
class Step:
    """One item: its name, why, by whom, its place in the order, what is on record, and the reader's form."""

    item: str
    name: str
    why: str
    who: str
    place: str
    kept: AdviceEvidence | None
    month: Appraisal | None
    void: bool
    form: EvidenceForm | None
    fields: Sequence[str]
    wait: str


def steps_of(advice: Advice, typed: Typed | None) -> list[Step]:
    """The items in their order; the first that is missing is next."""
    missing, found, ahead = missing_evidence(act(), advice), list[Step](), False
    for item, name in items_of(act(), advice).items():
        waits = ahead and advice.kind == DATED and item in ("second", "union")
        place = LATER if item in missing and waits else NEXT if item in missing else DONE
        found.append(_step(advice, item, name, place, typed))
        ahead = ahead or (item in missing and item in ("training", "second"))
    return found


def _step(advice: Advice, item: str, name: str, place: str, typed: Typed | None) -> Step:
    kept = evidence_of(act(), advice).get(item)
    month = act().session.get(Appraisal, kept.appraisal_id) if kept and kept.appraisal_id else None
    shown = place != LATER or (typed is not None and typed.item == item)
    form = _form(advice, item, typed) if shown and _registers(act(), advice, item) else None
    why, who = WHY[item]
    return Step(
        item=item,
        name=_(name),
        why=_(why),
        who=_(who),
        place=place,
        kept=kept,
        month=month,
        void=bool(kept and place != DONE),
        form=form,
        fields=_fields(advice, item),
        wait=_wait(advice, item, place),
    )


def _registers(by: Act, advice: Advice, item: str) -> bool:
    return bool(offers(by, advice)) and (item != PROTECTION or by.actor.holds("hr"))


def _fields(advice: Advice, item: str) -> Sequence[str]:
    if advice.kind != DATED or item == PROTECTION:
        return ("note",)
    return (
        ("month", "note")
        if item == "second"
        else ("coaching", "held_on", "note")
        if item in COACHED
        else ("held_on", "note")
    )


def _wait(advice: Advice, item: str, place: str) -> str:
    """What has to happen before the step can be done."""
    if place == LATER:
        return str(_("等上一步登记之后"))
    if item == "second" and place == NEXT and not months_after(act(), advice):
        day = trained_until(act(), advice)
        return str(_("还没有在 %(day)s 之后开始并已复核的月份", day=day)) if day else ""
    return ""


def _form(advice: Advice, item: str, typed: Typed | None) -> EvidenceForm:
    if typed is not None and typed.item == item:
        return typed.form
    return with_choices(EvidenceForm(formdata=None), advice, item)


def with_choices(form: EvidenceForm, advice: Advice, item: str) -> EvidenceForm:
    """The form with the records and the months that the item may cite."""
    dated = advice.kind == DATED
    records = coaching_for(act(), advice, item) if dated and item in COACHED else ()
    months = months_after(act(), advice) if dated and item == "second" else []
    cited = [(str(one.id), f"{one.begins_on} {one.content[:40]}") for one in records]
    form.coaching.choices = [("", _("不引用，在下面填写")), *cited]
    form.month.choices = [("", "—"), *((str(one.id), _month_text(advice, one)) for one in months)]
    return form


def _month_text(advice: Advice, month: Appraisal) -> str:
    told = f"{period_text(month.cycle.period)} {number_text(month.score)}"
    return told if is_below(act(), advice, month) else str(_("%(month)s（已达到要求）", month=told))
