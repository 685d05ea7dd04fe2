"""What an uploaded file really is, told by its content: PDF, PNG, JPEG, WebP, XLSX, DOCX and plain text, nothing else."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass

from approval.rules.refusal import Refused

MAX_SIZE = 5 * 1024 * 1024
MAX_NAME = 120
ACCEPT = ".pdf,.png,.jpg,.jpeg,.webp,.xlsx,.docx,.txt"
_OFFICE = "application/vnd.openxmlformats-officedocument."
TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "xlsx": f"{_OFFICE}spreadsheetml.sheet",
    "docx": f"{_OFFICE}wordprocessingml.document",
    "txt": "text/plain",
}
_SIGNATURES = ((b"%PDF-", "pdf"), (b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpg"))
_OFFICE_PARTS = {"xl/workbook.xml": "xlsx", "word/document.xml": "docx"}
_MARKUP = re.compile(rb"^\s*<|<(?:script|html|svg|iframe)\b", re.IGNORECASE)


@dataclass(frozen=True)
class EvidenceFile:
    """A file that may be kept: a harmless name, the type its content has, and the content."""

    filename: str
    content_type: str
    content: bytes


def check(filename: str, content: bytes) -> EvidenceFile:
    """Take a file whose content is on the allow-list and agrees with its ending; Refused says which remedy there is."""
    name = safe_name(filename)
    if not content:
        raise Refused("文件“%(name)s”是空的；请重新选择", fault="empty file", name=name)
    if len(content) > MAX_SIZE:
        raise Refused("文件“%(name)s”超过 5 MB；请压缩或拆分后再上传", fault="file too large", name=name)
    kind, ending = _kind(content), name.rpartition(".")[2].lower()
    if kind is None:
        raise Refused(
            "文件“%(name)s”的内容不是 PDF、PNG、JPEG、WebP、XLSX、DOCX 或纯文本；请另存为其中一种",
            fault="unknown content",
            name=name,
        )
    if TYPES.get(ending) != TYPES[kind]:
        raise Refused(
            "文件“%(name)s”的内容是 %(kind)s，与扩展名不符；请改正扩展名",
            fault="ending differs",
            name=name,
            kind=kind.upper(),
        )
    return EvidenceFile(name, TYPES[kind], content)


def safe_name(filename: str) -> str:
    """The last part of a name, without control or direction characters, short enough to keep; never empty."""
    last = re.split(r"[\\/]", filename)[-1]
    kept = "".join(one for one in unicodedata.normalize("NFC", last) if unicodedata.category(one)[0] != "C")
    stem, dot, ending = kept.strip(" .").rpartition(".")
    return f"{stem[:MAX_NAME]}{dot}{ending[:8]}" or "file"


def _kind(content: bytes) -> str | None:
    for signature, kind in _SIGNATURES:
        if content.startswith(signature):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    if content.startswith(b"PK\x03\x04"):
        return _office_kind(content)
    return "txt" if _is_text(content) else None


def _office_kind(content: bytes) -> str | None:
    """A workbook or document without macros, told by the list of its parts; nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = set(package.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return None
    if any(part.lower().endswith(("vbaproject.bin", ".exe", ".js")) for part in parts):
        return None
    return next((kind for part, kind in _OFFICE_PARTS.items() if part in parts), None)


def _is_text(content: bytes) -> bool:
    """Text in UTF-8 or GB 18030 without control characters, and no markup that a browser might run."""
    if _MARKUP.search(content) or b"\x00" in content:
        return False
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return all(one in "\t\n\r\f" or unicodedata.category(one) != "Cc" for one in text)
    return False
