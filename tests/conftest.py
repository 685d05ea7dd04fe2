"""The ground of the tests: a database server and the app's fixtures; what is fixed for every run."""

from __future__ import annotations

import importlib.util

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.postgres"]
if importlib.util.find_spec("tests.app_fixtures") is not None:
    pytest_plugins.append("tests.app_fixtures")

# A busy machine must not fail a true property; CI plays the same examples in every run.
settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.load_profile("calm")
