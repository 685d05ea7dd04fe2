"""A calculation or an input that must be refused, in words that a user understands."""

from __future__ import annotations


class Refused(ValueError):
    """`text` is a Chinese msgid with %(name)s places, filled by `params`; `fault` names the fault shortly in English."""

    def __init__(self, text: str, *, fault: str = "", **params: object) -> None:
        self.text = text
        self.params = params
        self.fault = fault
        super().__init__(text % params if params else text)
