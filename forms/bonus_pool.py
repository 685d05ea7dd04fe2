"""奖金分配: the pool's amount, the head's shares in yuan with their reasons, and the general manager's decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, SelectMultipleField, StringField, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget, TextArea

from approval.rules.money import fen
from approval.rules.refusal import Refused
from forms.base import AtMost, ExactField, Form, Needed, NeededNumber, TextField, tidy

LONGEST_REASON = 300


class YuanField(StringField):
    """An amount typed in yuan; `fen` is the whole number of fen, None while nothing or something wrong is typed."""

    fen: int | None = None

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.fen = None
        self.data = tidy(str(valuelist[0])) if valuelist else ""

    def pre_validate(self, form: Any) -> None:
        if not self.data:
            return
        try:
            typed = fen(str(self.data))
        except Refused as error:
            raise ValidationError(_(error.text) % error.params if error.params else _(error.text)) from None
        if typed < 0:
            raise ValidationError(_("金额不能为负数"))
        self.fen = typed


class NeededAmount(NeededNumber):
    """The amount must be given; an empty box is not zero."""

    def __call__(self, form: Any, field: Field) -> None:
        self.message = _("请填写金额；没有填写不等于 0 元")
        super(NeededNumber, self).__call__(form, field)


class AmountForm(Form):
    amount = YuanField(_l("奖金池金额（元）"), validators=[NeededAmount()])
    rate = ExactField(_l("完成率（%）"), places=4, least="0", most="1000", validators=[NeededAmount()])
    basis = TextField(_l("依据"), validators=[Needed(), AtMost(500)])

    @property
    def completion(self) -> Decimal:
        """The typed percentage as a rate: 95 → 0.95."""
        return (self.rate.number or Decimal(0)).scaleb(-2)


class CompletionForm(Form):
    """The named parts of a completion rate in percent, and their basis; made for the parts of one rule."""

    basis = TextField(_l("依据"), validators=[Needed(), AtMost(500)])
    codes: ClassVar[tuple[str, ...]] = ()

    @property
    def parts(self) -> dict[str, Decimal]:
        """Each part as a rate: 30 → 0.30."""
        return {code: (self[f"part_{code}"].number or Decimal(0)).scaleb(-2) for code in self.codes}

    def boxes(self) -> list[Field]:
        return [self[f"part_{code}"] for code in self.codes]


def completion_form(codes: Sequence[str]) -> type[CompletionForm]:
    """The form of a rule's parts, in its order."""
    fields: dict[str, Any] = {"codes": tuple(codes)}
    for code in codes:
        label = _l("%(part)s 部分完成率（%%）", part=code)
        fields[f"part_{code}"] = ExactField(label, places=4, least="0", most="1000", validators=[NeededAmount()])
    return type("CompletionFormOf", (CompletionForm,), fields)


@dataclass(frozen=True)
class Person:
    """Who has a share, as a form needs him: the key of his boxes and his name with number."""

    key: int
    label: str


class SharesForm(Form):
    """A share in yuan and a reason for each person; made for the people of one split by `shares_form`."""

    seen = HiddenField()
    fixed = SelectMultipleField(
        _l("固定"), coerce=int, widget=ListWidget(), option_widget=CheckboxInput(), validate_choice=False
    )
    people: tuple[Person, ...] = ()

    def share(self, key: int) -> YuanField:
        return cast(YuanField, self[f"share_{key}"])

    def reason(self, key: int) -> TextField:
        return cast(TextField, self[f"reason_{key}"])

    def typed(self) -> list[tuple[int, int, str]]:
        """What was typed: (key, fen, reason); read it after `validate`, boxes with an error are left out."""
        boxes = [(one.key, self.share(one.key).fen, self.reason(one.key)) for one in self.people]
        return [
            (key, amount, reason.data or "")
            for key, amount, reason in boxes
            if amount is not None and not reason.errors
        ]


def shares_form(people: Sequence[Person]) -> type[SharesForm]:
    """The form for the people of a split."""
    fields: dict[str, object] = {"people": tuple(people)}
    for one in people:
        fields[f"share_{one.key}"] = YuanField(one.label, validators=[NeededAmount()])
        fields[f"reason_{one.key}"] = TextField(one.label, validators=[AtMost(LONGEST_REASON)])
    return type("SharesOfSplit", (SharesForm,), fields)


class ApproveForm(Form):
    """The general manager's consent to the version that he saw, with the exceptions that he marked as seen."""

    seen = HiddenField()
    ticked = SelectMultipleField(_l("已阅"), validate_choice=False)
    opinion = TextField(_l("意见"), validators=[AtMost(500)])


class SendBackSplitForm(Form):
    seen = HiddenField()
    reason = TextField(_l("退回理由"), validators=[Needed(), AtMost(500)], widget=TextArea(), render_kw={"rows": 3})
