"""The ground of the tests: a database server and the app's fixtures; what is fixed for every run."""

from __future__ import annotations

import importlib.util
import os

from hypothesis import HealthCheck, Phase, settings

pytest_plugins = ["tests.postgres"]
if importlib.util.find_spec("tests.app_fixtures") is not None:
    pytest_plugins += ["tests.templates_kept", "tests.app_fixtures", "tests.stages", "tests.demo_world"]

# A busy machine must not fail a true property. Every run plays the same examples;
# --hypothesis-profile=search looks for new ones.
settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=2_000)
# A mutant must only be noticed: looking for the smallest example of it would take longer than all the rest.
settings.register_profile(
    "mutation", settings.get_profile("calm"), phases=(Phase.explicit, Phase.generate), max_examples=30
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "calm"))
