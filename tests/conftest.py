"""Settings that every test shares.

Hypothesis runs without a deadline in both profiles: the first call of a numba kernel compiles it, which takes seconds
when the cache on disk is empty and microseconds afterwards, and hypothesis would call that difference a flaky test.
"""

import os

from hypothesis import settings

settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=False, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))
