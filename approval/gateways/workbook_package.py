"""The zip around a workbook: bounded and checked before anything in it is parsed (security.md, hostile workbook)."""

from __future__ import annotations

import io
import lzma
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Mapping
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

from defusedxml import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from approval.rules.refusal import Refused

MAX_UNPACKED = 50 * 1024 * 1024
MAX_PARTS = 1000
MAX_DEPTH = 50
MAX_ELEMENTS = 4_000_000  # 20,000 rows of 60 cells, each with its value
CHUNK = 1024 * 1024

OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
RELATIONS = ("http://schemas.openxmlformats.org/officeDocument/", "http://purl.oclc.org/ooxml/officeDocument/")

BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    LookupError,
    RuntimeError,
    ValueError,
    ArithmeticError,
    SAXException,
)


class Part(ContentHandler):
    """What reads one XML part as a stream: names come without prefix, and no tree is built."""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Meet the start of an element."""

    def end(self, name: str) -> None:
        """Meet the end of an element."""


class _Parser(DefusedExpatParser):
    """Hands the events to a part's reader without the detour over SAX attributes; bounds depth and number of elements."""

    def __init__(self, reader: Part, filename: str) -> None:
        super().__init__(forbid_dtd=True)
        self.setContentHandler(reader)
        self._reader = reader
        self._filename = filename
        self._depth = 0
        self._elements = 0

    def start_element(self, name: str, attrs: Mapping[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_DEPTH or self._elements > MAX_ELEMENTS:
            raise damaged(self._filename)
        self._reader.start(name.rpartition(":")[2] if ":" in name else name, attrs)

    def end_element(self, name: str) -> None:
        self._depth -= 1
        self._reader.end(name.rpartition(":")[2] if ":" in name else name)


class Package:
    """The parts of one workbook file, all of them inflated once within the bound before the first is used."""

    def __init__(self, data: bytes, filename: str) -> None:
        """Open and check the zip. Raises Refused: encrypted, macros, broken, too large unpacked, no workbook."""
        self.filename = filename
        _refuse_ole(data, filename)
        self._archive = _opened(data, filename)
        entries = self._archive.infolist()
        self._names = {entry.filename for entry in entries}
        self._refuse_entries(entries)
        self._refuse_unpacked(entries)

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def parse(self, name: str, reader: Part) -> None:
        """Stream one part through `reader`. Raises Refused for a missing part, a DTD, or XML that is not well formed."""
        parser = _Parser(reader, self.filename)
        try:
            with self._archive.open(name) as part:
                while chunk := part.read(CHUNK):
                    parser.feed(chunk)
            parser.close()
        except Refused:
            raise
        except DefusedXmlException as refused:
            raise Refused(
                "“%(file)s”里有 DTD 或实体定义，不能读取；请在 Excel 里打开后另存为 .xlsx",
                fault="dtd in workbook",
                file=self.filename,
            ) from refused
        except BROKEN as broken:
            raise damaged(self.filename) from broken

    def relations(self, name: str) -> dict[str, tuple[str, str]]:
        """The relations of a part by id: their kind (the last word of the type) and the name of the target part."""
        folder, base = posixpath.split(name)
        part = posixpath.join(folder, "_rels", f"{base}.rels")
        reader = _Relations(folder)
        if part in self:
            self.parse(part, reader)
        return reader.found

    def _refuse_entries(self, entries: list[zipfile.ZipInfo]) -> None:
        if len(entries) > MAX_PARTS or len(self._names) != len(entries):
            raise damaged(self.filename)
        if any(entry.flag_bits & 1 for entry in entries):
            raise encrypted(self.filename)
        if any("vbaproject" in name.lower() or "macrosheets/" in name.lower() for name in self._names):
            raise Refused(
                "“%(file)s”里有宏，不能上传；请另存为不带宏的 .xlsx", fault="macros in workbook", file=self.filename
            )
        if not {"[Content_Types].xml", "_rels/.rels"} <= self._names:
            raise not_a_workbook(self.filename)

    def _refuse_unpacked(self, entries: list[zipfile.ZipInfo]) -> None:
        """Declared sizes first, then the real ones: inflating stops at the declared size and its CRC must hold."""
        if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
            raise self._too_large()
        total = 0
        try:
            for entry in entries:
                with self._archive.open(entry) as part:
                    while chunk := part.read(CHUNK):
                        total += len(chunk)
                        if total > MAX_UNPACKED:
                            raise self._too_large()
        except Refused:
            raise
        except BROKEN as broken:
            raise damaged(self.filename) from broken

    def _too_large(self) -> Refused:
        return Refused(
            "“%(file)s”解压后超过 50 MB；请删除图片和多余的工作表，或拆成几个文件",
            fault="workbook too large unpacked",
            file=self.filename,
        )


class _Relations(Part):
    def __init__(self, folder: str) -> None:
        super().__init__()
        self.folder = folder
        self.found: dict[str, tuple[str, str]] = {}

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name != "Relationship" or len(self.found) >= MAX_PARTS:
            return
        kind, target = attributes.get("Type", ""), attributes.get("Target", "")
        if kind.startswith(RELATIONS):
            path = posixpath.normpath(posixpath.join("/", self.folder, target)).lstrip("/")
            self.found[attributes.get("Id", "")] = (kind.rpartition("/")[2], path)


def damaged(filename: str) -> Refused:
    """The refusal of a file that Excel itself would have to repair."""
    return Refused(
        "“%(file)s”已损坏或不完整，读不出来；请用 Excel 打开后另存为 .xlsx 再上传",
        fault="broken workbook",
        file=filename,
    )


def encrypted(filename: str) -> Refused:
    """The refusal of a file with a password."""
    return Refused("“%(file)s”有密码保护，读不出来；请去掉打开密码后再上传", fault="encrypted workbook", file=filename)


def not_a_workbook(filename: str) -> Refused:
    """The refusal of a file whose content is no .xlsx, whatever its name says."""
    return Refused(
        "“%(file)s”的内容不是 .xlsx 工作簿；请用 Excel 打开后另存为 .xlsx 再上传", fault="not a workbook", file=filename
    )


def _refuse_ole(data: bytes, filename: str) -> None:
    if data.startswith(OLE_SIGNATURE):
        raise encrypted(filename) if ENCRYPTED_STREAM in data else not_a_workbook(filename)
    if not data.startswith(b"PK\x03\x04"):
        raise not_a_workbook(filename)


def _opened(data: bytes, filename: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except BROKEN as broken:
        raise damaged(filename) from broken
