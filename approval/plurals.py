"""English that counts: `{n:day|days}` in the catalogue reads day where n is 1 and days for every other number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import Babel, Domain, get_translations
from jinja2.nodes import EvalContext
from jinja2.utils import pass_eval_context
from markupsafe import Markup

FORMS = re.compile(r"\{(\w+):([^{}|]*)\|([^{}|]*)\}")


def agreed(text: str, counted: Mapping[str, object]) -> str:
    """A sentence whose words agree with its numbers; a form whose placeholder is not given stays as it is."""

    def form(found: re.Match[str]) -> str:
        if found[1] not in counted:
            return found[0]
        return found[2] if str(counted[found[1]]).lstrip("+−-") == "1" else found[3]

    return FORMS.sub(form, text)


class Words(Domain):  # type: ignore[misc]
    """The catalogue as the code reads it."""

    def gettext(self, string: str, **variables: object) -> str:
        text = str(self.get_translations().ugettext(string))
        return agreed(text, variables) % variables if variables else text


class Languages(Babel):  # type: ignore[misc]
    """Babel with one catalogue for the whole life of the application."""

    domain_instance = Words()


@pass_eval_context
def on_page(page: EvalContext, string: str, **variables: Any) -> str:
    """The catalogue as the pages read it: every sentence is formatted, and what goes into it is escaped."""
    text = agreed(str(get_translations().ugettext(string)), variables)
    return (Markup(text) if page.autoescape else text) % variables  # noqa: S704  (the catalogue is ours)
