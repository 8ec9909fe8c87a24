"""What all tests share."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "ci", max_examples=200, derandomize=True, deadline=None, print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
settings.register_profile("development", settings.get_profile("ci"), max_examples=60)
settings.load_profile("ci" if os.environ.get("CI") else "development")
