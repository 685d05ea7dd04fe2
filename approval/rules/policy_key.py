"""One key of the policy format, and those that many blocks share."""

from __future__ import annotations

from dataclasses import dataclass, replace

from approval.rules.policy_format import BOUNDS

ANY = "*"  # a code that the file itself gives, or a column that it names


@dataclass(frozen=True)
class Key:
    """One key: its kind, its meaning in both languages, what it may hold.

    `inner` are the keys of a table (kinds table, tables, codes); `forms`: exactly one of these sets of keys must be there.
    """

    name: str
    kind: str
    zh: str
    en: str
    needed: bool = False
    among: tuple[str, ...] = ()
    inner: tuple[Key, ...] = ()
    forms: tuple[tuple[str, ...], ...] = ()


def must(key: Key) -> Key:
    return replace(key, needed=True)


def text(name: str, zh: str, en: str) -> Key:
    return Key(name, "text", zh, en)


def texts(name: str, zh: str, en: str) -> Key:
    return Key(name, "texts", zh, en)


def number(name: str, zh: str, en: str) -> Key:
    return Key(name, "number", zh, en)


def whole(name: str, zh: str, en: str) -> Key:
    return Key(name, "whole", zh, en)


def switch(name: str, zh: str, en: str) -> Key:
    return Key(name, "switch", zh, en)


def choice(name: str, among: tuple[str, ...], zh: str, en: str) -> Key:
    return Key(name, "choice", zh, en, among=among)


CODE = must(text("code", "短代码，同一列表里不重复", "Short code, unlike every other of its list"))
ZH = text("zh", "中文名称", "Name in Chinese")
EN = text("en", "英文名称", "Name in English")
NOTE = text("note", "给读方案的人的说明，不参与计算", "A remark for readers, never computed")
ASSUMED = switch("assumed", "原文没有，由公司推定", "Not in the source: the company assumes it")
RULES = texts("rules", "依据的规则编号，如 R068", "Ids of the rules it rests on, such as R068")
QUOTE = text("quote", "原文的句子，逐字", "The source's own sentence, word for word")
TO_FILL = switch(
    "to_fill",
    "原文没有印出，由公司填写；填好后删去这一项才能发布（A-36）",
    "Not printed: the company fills it in and takes this key away before publication (A-36)",
)
TARGET = text(
    "target",
    "目标，由公司填写，不参与计算，如 每月 30 万元",
    "The target, filled in by the company, never computed, such as 300,000 a month",
)
NAMES = (ZH, EN, NOTE, ASSUMED)
BASIS = (RULES, QUOTE)
BOUND_WORDS = {
    "lt": ("小于", "Less than"),
    "le": ("小于或等于", "At most"),
    "gt": ("大于", "More than"),
    "ge": ("大于或等于", "At least"),
}
BOUND_KEYS = tuple(number(name, *BOUND_WORDS[name]) for name in BOUNDS)
