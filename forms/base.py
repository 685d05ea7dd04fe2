"""What every form does: strips, normalises full-width digits, speaks the user's language, carries its key."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import Any, Self

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, StringField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length, StopValidation

from approval.rules.money import typed

_DIGITS = str.maketrans("０１２３４５６７８９．，－＋％", "0123456789.,-+%")
_CONTROLS = {"Cc", "Cf", "Co", "Cs"}


def tidy(text: str | None) -> str:
    """Text as it is kept: NFC, without control and direction characters, no blanks around."""
    if text is None:
        return ""
    kept = "".join(one for one in text if one in "\n\t" or unicodedata.category(one) not in _CONTROLS)
    return unicodedata.normalize("NFC", kept.replace("\r", "")).strip()


def plain_digits(text: str) -> str:
    """Full-width digits and signs as ASCII; thousands separators and the currency sign left out."""
    return text.translate(_DIGITS).replace(",", "").replace("¥", "").replace("￥", "").strip()


class Form(FlaskForm):
    """The base: messages in Chinese or English, a `once` key for forms that must have one effect."""

    once = HiddenField()

    class Meta:
        locales = ("zh_CN",)

        def get_translations(self, form: Any) -> None:
            return None

    def apart(self, name: str) -> Self:
        """Give the fields ids of their own, for a page where another form asks for the same names."""
        for field in self:
            field.id = f"{name}-{field.name}"
        return self


class TextField(StringField):
    """A line or block of text, tidied; at most `longest` characters."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist:
            self.data = tidy(str(valuelist[0]))


class ExactField(StringField):
    """A decimal number typed by hand: full-width digits accepted, at most `places` places, within bounds; no float."""

    def __init__(
        self, label: str | None = None, *, places: int = 2, least: str = "0", most: str = "100", **kwargs: Any
    ) -> None:
        super().__init__(label, **kwargs)
        self.places, self.least, self.most = places, Decimal(least), Decimal(most)
        self.number: Decimal | None = None

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.number = None
        self.data = tidy(str(valuelist[0])) if valuelist else ""

    def pre_validate(self, form: Any) -> None:
        if self.data:
            self.number = exact(str(self.data), self.places, self.least, self.most)


def exact(text: str, places: int, least: Decimal, most: Decimal) -> Decimal:
    """Read a typed number; ValidationError says what would be right."""
    number = typed(text)
    if number is None:
        raise ValidationError(
            _("“%(text)s”不是数字；请填写 %(least)s 到 %(most)s 之间的数", text=text[:40], least=least, most=most)
        )
    exponent = number.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > places:
        raise ValidationError(_("最多 %(places)s 位小数", places=places))
    if not least <= number <= most:
        raise ValidationError(_("请填写 %(least)s 到 %(most)s 之间的数", least=least, most=most))
    return number


class Needed(DataRequired):
    """The field must be filled; says so in the user's language."""

    def __call__(self, form: Any, field: Field) -> None:
        if field.process_errors:  # what was typed cannot be read: that is said, not that nothing was typed
            raise StopValidation()
        self.message = _("请填写这一项")
        super().__call__(form, field)


class NeededNumber(InputRequired):
    """The number must be given; an empty box is never zero."""

    def __call__(self, form: Any, field: Field) -> None:
        self.message = _("请填写这一项；没有填写不等于 0 分")
        super().__call__(form, field)


class AtMost(Length):
    """Text within a length."""

    def __init__(self, longest: int) -> None:
        super().__init__(max=longest)

    def __call__(self, form: Any, field: Field) -> None:
        self.message = _("最多 %(n)s 个字", n=self.max)
        super().__call__(form, field)
