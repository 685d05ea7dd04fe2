"""The browser of the tests is real, and writes Chinese with the font that the tests bring."""

from __future__ import annotations

from playwright.sync_api import Browser

PAGE = "data:text/html;charset=utf-8,<title>x</title><p id=said>绩效考核 ¥12,345.67</p>"


def test_chinese_is_drawn_with_the_font_of_the_tests(browser: Browser) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(PAGE)
        protocol = context.new_cdp_session(page)
        protocol.send("DOM.enable")
        protocol.send("CSS.enable")
        root = protocol.send("DOM.getDocument")["root"]["nodeId"]
        node = protocol.send("DOM.querySelector", {"nodeId": root, "selector": "#said"})["nodeId"]
        fonts = protocol.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    assert {font["familyName"] for font in fonts} == {"Noto Sans SC"}


def test_the_checker_of_accessibility_finds_a_picture_without_words(browser: Browser, axe_source: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto("data:text/html;charset=utf-8,<img src='data:,'>")
        page.evaluate(axe_source)
        found = page.evaluate("async () => (await axe.run()).violations.map(v => v.id)")
    assert "image-alt" in found
