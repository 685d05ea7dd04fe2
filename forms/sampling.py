"""每周抽查: the score sheet of a week, a record entered by hand, a void sample and a week without records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, StringField, ValidationError

from forms.base import AtMost, ExactField, Form, Needed, TextField, plain_digits, tidy

LOW_SCORE = 65


@dataclass(frozen=True)
class Answer:
    """What was typed for one sample; `seen` is the sample's version that the page showed."""

    sample_id: int
    score: Decimal | None
    note: str
    seen: int | None


class SheetForm(Form):
    """Score, reason and version for each sample; made for the samples of one week by `sheet_form`."""

    samples: tuple[int, ...] = ()

    def score(self, sample_id: int) -> ExactField:
        return cast(ExactField, self[f"score_{sample_id}"])

    def note(self, sample_id: int) -> TextField:
        return cast(TextField, self[f"note_{sample_id}"])

    def seen(self, sample_id: int) -> Any:
        return self[f"seen_{sample_id}"]

    def answers(self) -> list[Answer]:
        """What was typed for each sample; a sample whose fields were not sent at all is left out."""
        return [self._answer(one) for one in self.samples if self.score(one).raw_data]

    def _answer(self, sample_id: int) -> Answer:
        seen = str(self.seen(sample_id).data or "")
        return Answer(
            sample_id,
            self.score(sample_id).number,
            self.note(sample_id).data or "",
            int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None,
        )

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every box; a score below 65 needs its reason (R073)."""
        valid = bool(super().validate(extra_validators))
        for one in self.samples:
            score = self.score(one)
            if score.number is not None and not score.errors and score.number < LOW_SCORE and not self.note(one).data:
                self.note(one).errors = [*self.note(one).errors, _("低于 65 分，请写明扣分原因")]
                valid = False
        return valid

    def ask_for_missing(self) -> bool:
        """Mark every sample without a score; says whether there was none."""
        empty = [box for one in self.samples if not (box := self.score(one)).data]
        for box in empty:
            box.errors = [*box.errors, _("请填写这一项；没有填写不等于 0 分")]
        return not empty

    def faulty(self, sample_id: int) -> list[str]:
        """Everything wrong with one sample's row."""
        return [*self.score(sample_id).errors, *self.note(sample_id).errors]


def sheet_form(samples: Sequence[tuple[int, str]]) -> type[SheetForm]:
    """The score sheet for samples, each (id, what it is called on the page)."""
    fields: dict[str, object] = {"samples": tuple(number for number, _label in samples)}
    for number, label in samples:
        fields[f"score_{number}"] = ExactField(label, places=2)
        fields[f"note_{number}"] = TextField(label, validators=[AtMost(500)])
        fields[f"seen_{number}"] = HiddenField()
    return type("SheetOfWeek", (SheetForm,), fields)


class CountField(StringField):
    """A whole number from 0 to 999999, or nothing."""

    number: int | None = None

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.number, self.data = None, tidy(str(valuelist[0])) if valuelist else ""

    def pre_validate(self, form: Any) -> None:
        digits = plain_digits(self.data or "")
        if digits and not (digits.isascii() and digits.isdigit() and len(digits) < 7):
            raise ValidationError(_("“%(text)s”不是整数；请填写 0 到 999999 之间的整数", text=digits[:40]))
        self.number = int(digits) if digits else None


class DayField(StringField):
    """A day as 2026-10-19, the way that a date box sends it."""

    day: date | None = None

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.day, self.data = None, plain_digits(tidy(str(valuelist[0]))) if valuelist else ""

    def pre_validate(self, form: Any) -> None:
        if self.data:
            try:
                self.day = date.fromisoformat(self.data)
            except ValueError:
                raise ValidationError(_("“%(text)s”不是日期；请写成 2026-10-19", text=self.data[:40])) from None


class RecordForm(Form):
    """A service record or a piece of work entered by hand; customers' data must be masked before they come here."""

    appraisal = SelectField(_l("员工"), coerce=int, validators=[Needed()])
    code = TextField(_l("编号"), validators=[Needed(), AtMost(40)])
    happened_on = DayField(_l("日期"), validators=[Needed()])
    title = TextField(_l("主题"), validators=[Needed(), AtMost(200)])
    detail = TextField(_l("内容（顾客信息须先脱敏）"), validators=[AtMost(4000)])
    first_answer_seconds = CountField(_l("首次响应（秒）"))
    turns = CountField(_l("对话轮次"))


class WaiveForm(Form):
    """A week of one employee that has nothing to draw from, and why."""

    appraisal = HiddenField()
    reason = TextField(_l("理由"), validators=[Needed(), AtMost(500)])
