"""Signing in and out, passwords, and the throttle: by account name and by address, kept in the database."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, select, update

from approval.models.people import Account, Employee, SignInAttempt, UserSession
from approval.rules.refusal import Refused
from approval.services.act import Act
from approval.services.step import keep_note, keep_record

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
WINDOW = timedelta(minutes=15)
TRIES_BY_NAME = 10
TRIES_BY_ADDRESS = 60
SHORTEST_PASSWORD = 10
# An unknown name costs the same time as a known one with a wrong password.
_NOBODY = HASHER.hash(secrets.token_hex(16))


def password_hash(password: str) -> str:
    """The argon2id hash of a password."""
    return HASHER.hash(password)


def _matches(kept: str, password: str) -> bool:
    try:
        return HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


def sign_in(act: Act, number: str, password: str, address: str, agent: str) -> tuple[str, UserSession]:
    """Check the password of an employee number and open a session; returns its token and its row.

    Raises Refused with one answer for an unknown name, a wrong password and a disabled account, and another one for too
    many tries. The attempt itself is kept either way: the caller commits in both cases.
    """
    name = number.strip().upper()[:40]
    _refuse_too_many(act, name, address)
    query = select(Account).join(Employee, Employee.id == Account.employee_id).where(Employee.number == name)
    account = act.session.scalars(query).first()
    right = _matches(account.password_hash if account else _NOBODY, password)
    succeeded = right and account is not None and not account.disabled
    act.session.add(SignInAttempt(account_name=name, address=address[:64], at=act.at, succeeded=succeeded))
    if account is None or not succeeded:
        keep_note(act, "sign_in", "account:sign_in_refused", body={"name": name, "address": address})
        raise Refused("工号或密码不对；请检查后再试，忘记密码请联系人事重置", fault="wrong number or password")
    token = secrets.token_urlsafe(32)
    session = _open_session(act, account, token, address, agent)
    keep_record(act, account, "account:sign_in", body={"address": address})
    return token, session


def _refuse_too_many(act: Act, name: str, address: str) -> None:
    since = act.at - WINDOW
    failed = select(func.count()).select_from(SignInAttempt)
    failed = failed.where(SignInAttempt.at > since, SignInAttempt.succeeded.is_(False))
    by_name = act.session.scalar(failed.where(SignInAttempt.account_name == name)) or 0
    by_address = act.session.scalar(failed.where(SignInAttempt.address == address[:64])) or 0
    if by_name >= TRIES_BY_NAME or by_address >= TRIES_BY_ADDRESS:
        raise Refused("尝试次数太多；请 15 分钟后再试，或联系人事重置密码", fault="too many tries")


def _open_session(act: Act, account: Account, token: str, address: str, agent: str) -> UserSession:
    row = UserSession(account_id=account.id, created_at=act.at, seen_at=act.at, address=address[:64], agent=agent[:200])
    row.token_hash = hashlib.sha256(token.encode()).hexdigest()
    act.session.add(row)
    return row


def sign_out(act: Act, session: UserSession) -> None:
    """Revoke one session: its cookie is worth nothing afterwards."""
    session.revoked_at = act.at
    keep_record(act, session.account, "account:sign_out")


def see_again(act: Act, session: UserSession, every: timedelta) -> None:
    """Note that a session is in use, at most once in `every`."""
    if act.at - session.seen_at >= every:
        session.seen_at = act.at


def change_password(act: Act, account: Account, old: str, new: str, keep: UserSession | None) -> None:
    """Set a new password after checking the old one; every other session of the account is revoked."""
    if not _matches(account.password_hash, old):
        raise Refused("原密码不对", fault="wrong password")
    if len(new) < SHORTEST_PASSWORD:
        raise Refused("新密码至少 %(n)s 个字符", fault="password too short", n=SHORTEST_PASSWORD)
    if new == old:
        raise Refused("新密码不能与原密码相同", fault="same password")
    _set_password(act, account, new, must_change=False, action="account:change_password")
    _revoke(act, account, keep)


def first_password() -> str:
    """A one-time password for a new account."""
    return secrets.token_urlsafe(9)


def reset_password(act: Act, account: Account) -> str:
    """Give an account a new first password, to be changed at the next sign-in; all sessions are revoked. HR's verb."""
    fresh = first_password()
    _set_password(act, account, fresh, must_change=True, action="account:reset_password")
    _revoke(act, account, None)
    return fresh


def confirm_identity(account: Account, password: str) -> None:
    """Ask for the password again before money moves (payout.md, sign-off); raises Refused where it is wrong."""
    if not _matches(account.password_hash, password):
        raise Refused("密码不对，没有签发；请重新输入", fault="wrong password")


def choose_language(act: Act, account: Account, locale: str) -> None:
    """Keep the language of a person's pages."""
    if account.locale != locale:
        keep_record(act, account, "account:choose_language", changes={"locale": locale})


def open_account(act: Act, employee: Employee, password: str, *, must_change: bool = True) -> Account:
    """Give an employee an account with a first password."""
    account = Account(employee_id=employee.id, password_hash=password_hash(password), must_change_password=must_change)
    act.session.add(account)
    act.session.flush()
    keep_record(act, account, "account:open")
    return account


def _set_password(act: Act, account: Account, password: str, *, must_change: bool, action: str) -> None:
    account.password_hash = password_hash(password)
    account.must_change_password = must_change
    keep_record(act, account, action)


def _revoke(act: Act, account: Account, keep: UserSession | None) -> None:
    others = update(UserSession).where(UserSession.account_id == account.id, UserSession.revoked_at.is_(None))
    if keep is not None:
        others = others.where(UserSession.id != keep.id)
    act.session.execute(others.values(revoked_at=act.at))
