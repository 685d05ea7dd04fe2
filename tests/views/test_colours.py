"""Every colour of text is readable on the ground that the same rule, or the page, gives it (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

STYLES = Path(__file__).resolve().parents[2] / "approval" / "static"
SHEETS = sorted(path.name for path in STYLES.glob("*.css"))
TOKENS = dict(re.findall(r"--([\w-]+):(#[0-9a-f]{3,6})\b", (STYLES / "app.css").read_text(encoding="utf-8")))
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
WANTED = 4.5


def colour(said: str) -> str:
    """A colour as #rrggbb; empty where it is none of ours."""
    named = re.fullmatch(r"var\(--([\w-]+)(?:,[^)]*)?\)", said)
    said = TOKENS.get(named[1], "") if named else {"white": "#fff"}.get(said, said)
    digits = re.fullmatch(r"#([0-9a-f]{3}|[0-9a-f]{6})", said)
    if digits is None:
        return ""
    return "#" + (digits[1] if len(digits[1]) == 6 else "".join(one * 2 for one in digits[1]))


def light(hexed: str) -> float:
    parts = [int(hexed[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def pairs(sheet: str) -> list[tuple[str, str, str]]:
    """(selector, colour, ground) of every rule that sets both."""
    text = re.sub(r"/\*.*?\*/", "", (STYLES / sheet).read_text(encoding="utf-8"), flags=re.DOTALL)
    found = []
    for selector, body in RULE.findall(text):
        said = dict(part.split(":", 1) for part in body.replace("!important", "").split(";") if ":" in part)
        ink, ground = (colour(said.get(name, "").strip()) for name in ("color", "background"))
        if ink and ground:
            found.append((selector.strip(), ink, ground))
    return found


def test_black_on_white_is_twenty_one_to_one() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_rule_that_sets_both_colours_sets_readable_ones(sheet: str) -> None:
    wrong = [(selector, ink, ground) for selector, ink, ground in pairs(sheet) if contrast(ink, ground) < WANTED]
    assert wrong == []
    assert sheet != "app.css" or len(pairs(sheet)) > 20


@pytest.mark.parametrize("ink", ["ink", "ink-2", "ink-3", "brand", "brand-ink"])
@pytest.mark.parametrize("ground", ["bg", "surface", "sunken"])
def test_the_inks_are_readable_on_every_ground(ink: str, ground: str) -> None:
    assert contrast(colour(f"var(--{ink})"), colour(f"var(--{ground})")) >= WANTED
