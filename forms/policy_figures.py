"""方案的数值: a box for every figure of a policy, its bands and KPI items; made for one text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice

from approval.rules.explanation import SIGNS
from approval.rules.number import number
from approval.rules.policy_figures import LOWER, TEXT, UPPER, WHOLE, Figure, Figures, Row
from approval.rules.policy_place import Path
from approval.rules.policy_text import Change
from approval.rules.refusal import Refused
from forms.base import AtMost, plain_digits, tidy
from forms.policy import LONGEST_SOURCE, SourceForm

LONGEST_TEXT = 200
MOST_WHOLE = 1000


def name_of(path: Path) -> str:
    """The name of the box of a figure: its path in the file."""
    return "/".join(str(step) for step in path)


class FigureField(StringField):
    """A figure as the file writes it: digits of either width; 25% is 0.25. Empty only where it may be left out."""

    def __init__(self, label: Any = "", *, kind: str = "", optional: bool = False, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.kind, self.optional = kind, optional
        self.figure: str | None = None

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = tidy(str(valuelist[0])) if valuelist else ""

    def pre_validate(self, form: Any) -> None:
        typed = str(self.data or "")
        if not typed:
            if not self.optional:
                raise ValidationError(_("请填写；没有填写不等于 0"))
            self.figure = "" if self.kind == TEXT else None
            return
        if self.kind == TEXT:
            if len(typed) > LONGEST_TEXT:
                raise ValidationError(_("最多 %(n)s 个字", n=LONGEST_TEXT))
            self.figure = typed
        else:
            self.figure = self._figure(plain_digits(typed))

    def _figure(self, typed: str) -> str:
        percent = typed.endswith("%")
        try:
            found = number(typed.removesuffix("%").strip())
        except Refused:
            raise ValidationError(_("“%(text)s”不是数字；请写成 0.25 或 25%%", text=typed[:40])) from None
        found = found.scaleb(-2) if percent else found
        if self.kind == WHOLE and (found != found.to_integral_value() or not 0 <= found <= MOST_WHOLE):
            raise ValidationError(_("请填写 0 到 %(most)s 的整数", most=MOST_WHOLE))
        return format(found.normalize(), "f") if percent else format(found, "f")


class FiguresForm(SourceForm):
    """The figures of one text; `own` names the options that read as the company's own figures already."""

    own = HiddenField()
    source = TextAreaField(_l("方案全文（TOML）"), validators=[AtMost(LONGEST_SOURCE)])
    told: ClassVar[Figures]

    def box(self, path: Path, side: str = "") -> Field:
        """The box of a figure, or of one side of a band."""
        return self[f"f/{name_of(path)}{side}"]

    def sign(self, path: Path, side: str) -> Field:
        return self[f"s/{name_of(path)}{side}"]

    def filled(self, path: Path) -> Field:
        """The tick that says that the company has filled something in."""
        return self[f"x/{name_of(path)}"]

    def changes(self) -> Iterator[tuple[Path, Change]]:
        """What was typed anew and can be kept, path by path."""
        for one in self.told.each():
            box = self.box(one.path)
            if box.figure is not None and box.figure != one.text:
                yield one.path, box.figure or None
        for row in (row for ladder in self.told.ladders for row in ladder.rows):
            yield from self._bound(row, "lower", row.lower, LOWER)
            yield from self._bound(row, "upper", row.upper, UPPER)

    def _bound(
        self, row: Row, side: str, was: tuple[str, str], signs: tuple[str, ...]
    ) -> Iterator[tuple[Path, Change]]:
        box, sign = self.box(row.path, f"/{side}"), self.sign(row.path, f"/{side}")
        if box.errors or sign.errors:
            return
        now = (str(sign.data or signs[0]), box.figure) if box.figure is not None else ("", "")
        if now != was:
            for one in signs:
                if one == was[0] != now[0]:
                    yield (*row.path, one), None
            if now[0]:
                yield (*row.path, now[0]), now[1]

    def ticked(self) -> list[Path]:
        """What the company says that it has filled in."""
        return [path for path, _name in self.told.to_fill if self.filled(path).data]


def figures_form(told: Figures, called: Callable[[Figure], str]) -> type[FiguresForm]:
    """The form of a text's figures, each box filled with what the text holds; `called` names a box."""
    fields: dict[str, Any] = {"told": told}
    for one in told.each():
        fields[f"f/{name_of(one.path)}"] = _box(one, called(one))
    for row in (row for ladder in told.ladders for row in ladder.rows):
        for side, (sign, bound), signs in (("lower", row.lower, LOWER), ("upper", row.upper, UPPER)):
            choices = [SelectChoice(one, SIGNS[one]) for one in signs]
            name, words = f"{name_of(row.path)}/{side}", _("下限") if side == "lower" else _("上限")
            fields[f"s/{name}"] = SelectField(words, choices=choices, default=sign or signs[0])
            fields[f"f/{name}"] = FigureField(words, optional=True, default=bound)
    for path, _name in told.to_fill:
        fields[f"x/{name_of(path)}"] = BooleanField(_l("以上数值已由公司确定"))
    return type("FiguresOfText", (FiguresForm,), fields)


def _box(one: Figure, label: str) -> FigureField:
    return FigureField(
        label, kind=one.kind, default=one.text, optional=one.kind == TEXT and one.what in ("英文", "目标")
    )


def own_of(given: Mapping[str, str], known: Mapping[str, Any], reading: str) -> dict[str, str]:
    """The options that the page says read as the company's own, where the text holds that reading."""
    named = str(given.get("own", "")).split()
    return {option: reading for option in named if reading in known.get(option, {}).get("choices", {})}
