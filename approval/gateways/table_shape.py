"""From the filled cells of a file to a table with one clear heading a column; the bounds that every file keeps."""

from __future__ import annotations

from openpyxl.utils import get_column_letter

from approval.rules.refusal import Refused
from approval.rules.sheets import folded_heading
from approval.rules.table import BLANK, NOTE_MARK, Cell, Row, Table, clean_text

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 60
MAX_TEXT = 2_000
MAX_NAME = 80

Line = tuple[int, dict[int, Cell]]


def shown_name(filename: str) -> str:
    """The bare name of an uploaded file, fit to be shown."""
    bare = clean_text(filename.replace("\\", "/").rpartition("/")[2].replace("\n", " "))
    return bare if len(bare) <= MAX_NAME else f"…{bare[1 - MAX_NAME :]}"


def is_note(cells: dict[int, Cell]) -> bool:
    """Whether a row is the note at the foot of one of our exports (who made it and when): no data when it comes back."""
    return len(cells) == 1 and cells.get(0, BLANK).text.startswith(NOTE_MARK)


def table_of(lines: list[Line], filename: str) -> Table:
    """Make the first filled row the header. Raises Refused: empty, the same heading twice, a value under no heading."""
    if not lines:
        raise Refused("“%(file)s”是空的；请填好表头和数据再上传", fault="empty file", file=filename)
    header_row, head = lines[0]
    width = max(head) + 1
    header = tuple(head.get(index, BLANK).text for index in range(width))
    _refuse_twice(header, header_row, filename)
    rows = tuple(_row(number, cells, header, filename) for number, cells in lines[1:])
    return Table(header, rows, header_row)


def _row(number: int, cells: dict[int, Cell], header: tuple[str, ...], filename: str) -> Row:
    for index in cells:
        if index >= len(header) or not header[index]:
            column = get_column_letter(index + 1)
            raise Refused(
                "“%(file)s”第 %(row)s 行 %(column)s 列有内容，但这一列没有表头；请补上表头或清空这一列",
                fault="value under no heading",
                file=filename,
                row=number,
                column=column,
            )
    return Row(number, tuple(cells.get(index, BLANK) for index in range(len(header))))


def _refuse_twice(header: tuple[str, ...], row: int, filename: str) -> None:
    first: dict[str, int] = {}
    for index, heading in enumerate(header):
        if heading and first.setdefault(folded_heading(heading), index) != index:
            columns = {"first": first[folded_heading(heading)], "second": index}
            letters = {name: get_column_letter(column + 1) for name, column in columns.items()}
            raise Refused(
                "“%(file)s”第 %(row)s 行的表头“%(heading)s”出现了两次（%(first)s 列和 %(second)s 列）；请只留一列",
                fault="heading twice",
                file=filename,
                row=row,
                heading=heading,
                **letters,
            )
