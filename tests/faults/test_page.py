"""docs/faults.md knows every test of a fault."""

import pytest

from tests.faults.ledger import PAGE
from tests.faults.page import counting_tests, said


@pytest.mark.parametrize("test", counting_tests())
def test_every_test_that_counts_words_is_on_the_page(test: str) -> None:
    path, _, name = test.partition("::")
    section = PAGE.read_text().partition(f"(`tests/{path}`)")[2].partition("\n**")[0]
    assert f"| {said(name)}" in section, "python -m tests.faults.page"
