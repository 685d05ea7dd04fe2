"""Signing a batch off asks for the password again; paying asks which payments failed, and why."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField

from forms.base import AtMost, Form, Needed


class SignOffForm(Form):
    seen = HiddenField()
    password = PasswordField(_l("您的登录密码"), validators=[Needed(), AtMost(200)])
