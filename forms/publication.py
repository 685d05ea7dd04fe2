"""公示登记: for each channel of the policies, where and since when results are posted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from forms.base import AtMost, Form, TextField
from forms.day import DayField


class PostingsForm(Form):
    """Place, day and “this page is the channel” for each channel; made for the channels of one cycle."""

    channels: tuple[str, ...] = ()

    def place(self, n: int) -> TextField:
        return cast(TextField, self[f"place_{n}"])

    def in_app(self, n: int) -> BooleanField:
        return cast(BooleanField, self[f"in_app_{n}"])

    def day(self, n: int) -> DayField:
        return cast(DayField, self[f"day_{n}"])

    def told(self, n: int) -> bool:
        """Whether something is said of a channel."""
        return bool(self.place(n).data or self.in_app(n).data)

    def validate(self, extra_validators: Any = None) -> bool:
        """A channel that is told needs its day."""
        valid = bool(super().validate(extra_validators))
        for n in range(len(self.channels)):
            if self.told(n) and not self.day(n).errors and self.day(n).data is None:
                self.day(n).errors = [_("请填写公示日期")]
                valid = False
        return valid


def postings_form(channels: Sequence[str]) -> type[PostingsForm]:
    """The form for channels, in their order."""
    fields: dict[str, Any] = {"channels": tuple(channels)}
    for n in range(len(channels)):
        fields[f"place_{n}"] = TextField(_l("公示在哪里"), validators=[AtMost(200)])
        fields[f"in_app_{n}"] = BooleanField(_l("就是本系统的公示页"))
        fields[f"day_{n}"] = DayField(_l("公示日期"))
    return type("PostingsOfCycle", (PostingsForm,), fields)
