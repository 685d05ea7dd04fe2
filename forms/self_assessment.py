"""自评: one box a KPI item with its note and file, or one month-end self-appraisal; and a summary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, FileField, HiddenField

from forms.base import AtMost, ExactField, Form, Needed, TextField

LONGEST_NOTE = 500
LONGEST_SUMMARY = 2000


@dataclass(frozen=True)
class Item:
    """A KPI item as a form needs it: its code, its words in the reader's language, and the most points.

    `counted`: its points come from a count (R135), so that none are asked for.
    """

    code: str
    label: str
    most: Decimal
    counted: bool = False


class ItemsForm(Form):
    """Points and a note for each KPI item; made for the items of one policy by `items_form`."""

    seen = HiddenField()
    items: tuple[Item, ...] = ()

    def points(self, code: str) -> ExactField:
        return cast(ExactField, self[f"points_{code}"])

    def note(self, code: str) -> TextField:
        return cast(TextField, self[f"note_{code}"])

    def answers(self) -> list[tuple[str, Decimal | None, str]]:
        """What was typed: (item, points or None, note); read it after `validate`."""
        return [(item.code, self.points(item.code).number, self.note(item.code).data or "") for item in self.items]


class SelfAssessmentForm(ItemsForm):
    self_score = ExactField(_l("月末自我鉴定"), places=2)
    summary = TextField(_l("本月小结与下月计划"), validators=[AtMost(LONGEST_SUMMARY)])

    def file(self, code: str) -> Field:
        return self[f"file_{code}"]

    def ask_for_missing(self) -> bool:
        """Mark every box that must be filled before submitting; an empty box is never zero. Says whether none was."""
        boxes = [self.points(item.code) for item in self.items if not item.counted]
        boxes = boxes if self.items else [self.self_score]
        empty = [box for box in boxes if not box.data]
        for box in empty:
            box.errors = [*box.errors, _("请填写这一项；没有填写不等于 0 分")]
        return not empty


def items_form(items: Sequence[Item], base: type[ItemsForm] = ItemsForm) -> type[ItemsForm]:
    """The form for the KPI items of a policy."""
    fields: dict[str, object] = {"items": tuple(items)}
    for item in items:
        fields[f"points_{item.code}"] = ExactField(item.label, places=2, most=str(item.most))
        fields[f"note_{item.code}"] = TextField(_l("完成说明"), validators=[AtMost(LONGEST_NOTE)])
        if issubclass(base, SelfAssessmentForm):
            fields[f"file_{item.code}"] = FileField(_l("附件"))
    return type("ItemsOfPolicy", (base,), fields)


def self_assessment_form(items: Sequence[Item]) -> type[SelfAssessmentForm]:
    """The employee's form for the KPI items of a policy; without items he gives one month-end self-appraisal."""
    return cast(type[SelfAssessmentForm], items_form(items, SelfAssessmentForm))


class ReturnForm(Form):
    """A month sent back, or voided, with its reason; `version` is the month as it was read."""

    version = HiddenField()
    reason = TextField(_l("理由"), validators=[Needed(), AtMost(500)])
