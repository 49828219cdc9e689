"""How long the properties look: as long as a test may take, or as `make fuzz` has time for."""

from hypothesis import settings

settings.register_profile("fuzz", max_examples=1_000, stateful_step_count=200, deadline=None)
