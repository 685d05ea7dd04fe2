"""The parts beside the sheet that its cells point into: the list of sheets, the styles, the shared strings."""

from __future__ import annotations

from collections.abc import Mapping

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

from approval.gateways.table_shape import MAX_COLUMNS, MAX_ROWS, MAX_TEXT
from approval.gateways.workbook_package import Part, damaged

MAX_STRINGS = MAX_ROWS * MAX_COLUMNS
MAX_STYLES = 65_536
# 27–36 and 50–58 are the date formats of Chinese, Japanese and Korean Excel; openpyxl does not list them.
EAST_ASIAN_DATES = frozenset({*range(27, 37), *range(50, 59)})


class WorkbookPart(Part):
    """Relation ids of the visible sheets in order, and the calendar that the serial dates count from."""

    def __init__(self) -> None:
        super().__init__()
        self.visible: list[str] = []
        self.since_1904 = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "workbookPr":
            self.since_1904 = attributes.get("date1904", "0") in ("1", "true")
        if name == "sheet" and attributes.get("state", "visible") == "visible" and len(self.visible) < MAX_STYLES:
            self.visible += [value for key, value in attributes.items() if key.rpartition(":")[2] == "id"]


class StylesPart(Part):
    """Which cell styles show a number as a date."""

    def __init__(self, filename: str) -> None:
        super().__init__()
        self.filename = filename
        self.date_styles: set[int] = set()
        self._formats: dict[int, str] = {}
        self._in_cells = False
        self._count = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "numFmt" and len(self._formats) < MAX_STYLES:
            self._formats[int(attributes["numFmtId"])] = attributes.get("formatCode", "")[:255]
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            if self._is_date(int(attributes.get("numFmtId", "0"))):
                self.date_styles.add(self._count)
            self._count += 1
            if self._count > MAX_STYLES:
                raise damaged(self.filename)

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._in_cells = False

    def _is_date(self, number_format: int) -> bool:
        code = self._formats.get(number_format) or BUILTIN_FORMATS.get(number_format, "General")
        return number_format in EAST_ASIAN_DATES or bool(is_date_format(code))


class TextPart(Part):
    """Gathers text between tags, cut just over the bound so that a longer one is noticed; phonetic hints are left out."""

    def __init__(self, filename: str) -> None:
        super().__init__()
        self.filename = filename
        self._pieces: list[str] | None = None
        self._phonetic = False
        self._length = 0

    def characters(self, content: str) -> None:
        if self._pieces is not None and self._length <= MAX_TEXT:
            self._pieces.append(content)
            self._length += len(content)

    def taken(self) -> list[str]:
        """The text since the last opening tag, as one piece or none."""
        text = "".join(self._pieces or ())
        self._pieces = None
        return [text] if text else []


class StringsPart(TextPart):
    """The shared strings of the workbook in order."""

    def __init__(self, filename: str) -> None:
        super().__init__(filename)
        self.texts: list[str] = []
        self._string: list[str] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "si":
            self._string = []
            self._length = 0
        elif name == "rPh":
            self._phonetic = True
        elif name == "t" and not self._phonetic:
            self._pieces = []

    def end(self, name: str) -> None:
        if name == "si":
            self.texts.append("".join(self._string)[: MAX_TEXT + 1])
            if len(self.texts) > MAX_STRINGS:
                raise damaged(self.filename)
        elif name == "rPh":
            self._phonetic = False
        elif name == "t" and self._pieces is not None:
            self._string += self.taken()
