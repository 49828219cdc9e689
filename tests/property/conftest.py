"""`pytest --hypothesis-profile=fuzz` runs the properties longer; what the state machine did is printed at the end."""

import os

import pytest
from hypothesis import settings

settings.register_profile("fuzz", max_examples=int(os.environ.get("N") or 2_000), deadline=None)
settings.register_profile("test", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or "test")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures that tests have recorded."""
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        if figures := getattr(report, "user_properties", None):
            told = " · ".join(f"{name} {value}" for name, value in figures)
            terminalreporter.write_line(f"{report.nodeid.split('::')[-1]}: {told}")
