"""Signing in: the page, the throttle, the password, the language, and sessions that die when they should."""

from __future__ import annotations

import re

from sqlalchemy import select

from approval.models.people import Account, SignInAttempt, UserSession
from tests.app_fixtures import PASSWORD, World


def sign_in(world: World, number: str, password: str, following: str = "") -> tuple[int, str, str]:
    client = world.app.test_client()
    page = client.get(f"/login?next={following}").get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token is not None
    body = {"csrf_token": token[1], "number": number, "password": password, "next": following}
    answer = client.post("/login", data=body)
    return answer.status_code, answer.headers.get("Location", ""), answer.get_data(as_text=True)


def test_a_wrong_password_is_told_the_same_way_as_an_unknown_number(world: World) -> None:
    wrong = sign_in(world, "E1043", "not it at all")
    unknown = sign_in(world, "E9999", "not it at all")
    assert wrong[0] == unknown[0] == 422
    assert "工号或密码不对" in wrong[2]
    assert "工号或密码不对" in unknown[2]


def test_the_number_typed_is_kept_when_the_password_is_wrong(world: World) -> None:
    assert 'value="E1043"' in sign_in(world, "E1043", "not it at all")[2]


def test_after_ten_failed_tries_even_the_right_password_has_to_wait(world: World) -> None:
    for _ in range(10):
        sign_in(world, "E1043", "not it at all")
    status, _, page = sign_in(world, "E1043", PASSWORD)
    assert status == 422
    assert "尝试次数太多" in page
    world.clock.moment = world.clock.moment.replace(hour=11)
    assert sign_in(world, "E1043", PASSWORD)[0] == 303
    assert len(world.session.scalars(select(SignInAttempt)).all()) == 11


def test_signing_in_leads_only_to_pages_of_our_own(world: World) -> None:
    for target in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        assert sign_in(world, "E1043", PASSWORD, target)[1] == "/inbox"
    assert sign_in(world, "E1043", PASSWORD, "/password")[1] == "/password"


def test_an_old_cookie_is_worth_nothing_after_signing_out(world: World) -> None:
    browser = world.sign_in("cs")
    stolen = browser.client.get_cookie("session")
    assert stolen is not None
    browser.get("/password")
    browser.post("/logout")
    thief = world.app.test_client()
    thief.set_cookie("session", stolen.value)
    assert thief.get("/password").status_code == 302


def test_a_new_password_ends_the_other_sessions(world: World) -> None:
    one, other = world.sign_in("cs"), world.sign_in("cs")
    one.post("/password", {"old": PASSWORD, "new": "a much longer one"})
    other.get("/password", status=302)
    one.get("/password")
    assert sign_in(world, "E1043", "a much longer one")[0] == 303


def test_a_short_password_is_refused_with_the_remedy(world: World) -> None:
    page = world.sign_in("cs").post("/password", {"old": PASSWORD, "new": "short"}, status=422)
    assert "新密码至少 10 个字符" in page


def test_the_first_sign_in_leads_to_a_new_password_before_anything_else(world: World) -> None:
    account = world.session.scalars(select(Account).where(Account.employee_id == world.employee("cs").id)).one()
    account.must_change_password = True
    world.session.commit()
    browser = world.sign_in("cs")
    assert browser.client.get("/inbox").headers["Location"] == "/password"


def test_a_session_ends_when_it_is_idle_too_long(world: World) -> None:
    browser = world.sign_in("cs")
    world.clock.pass_days(1)
    browser.get("/password", status=302)
    assert world.session.scalars(select(UserSession)).one().revoked_at is None


def test_a_form_without_its_token_is_refused_in_words(world: World) -> None:
    browser = world.sign_in("cs")
    answer = browser.client.post("/password", data={"old": PASSWORD, "new": "a much longer one"})
    assert answer.status_code == 400
    assert "页面已过期" in answer.get_data(as_text=True)


def test_every_page_forbids_foreign_scripts_and_frames(world: World) -> None:
    headers = world.app.test_client().get("/login").headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
