"""A day typed or picked: the same words wherever it is wrong."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _
from wtforms import DateField


class DayField(DateField):
    """A date between 1950 and 2099; empty is None."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        if not valuelist or not str(valuelist[0]).strip():
            return
        try:
            super().process_formdata([str(valuelist[0]).strip()])
        except ValueError:
            raise ValueError(_("请填写日期，例如 2026-12-01")) from None
        if self.data is not None and not 1950 <= self.data.year <= 2099:
            raise ValueError(_("年份应当在 1950 到 2099 之间"))

    @property
    def day(self) -> date:
        """The day of a field that had to be filled in and was."""
        found: date | None = self.data
        assert found is not None
        return found
