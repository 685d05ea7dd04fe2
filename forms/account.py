"""Signing in, and changing a password."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField

from forms.base import AtMost, Form, Needed, TextField


class SignInForm(Form):
    number = TextField(_l("工号"), validators=[Needed(), AtMost(40)])
    password = PasswordField(_l("密码"), validators=[Needed(), AtMost(200)])
    next = HiddenField()


class ChangePasswordForm(Form):
    old = PasswordField(_l("原密码"), validators=[Needed(), AtMost(200)])
    new = PasswordField(_l("新密码"), validators=[Needed(), AtMost(200)])


class ReasonForm(Form):
    """A step that needs its reason."""

    reason = TextField(_l("理由"), validators=[Needed(), AtMost(500)])
