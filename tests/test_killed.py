"""Commands that write, killed: a small part of the campaign that ``python -m tests.killed`` runs."""

import sys

import pytest

from tests.killed import campaign


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at processes below /proc")
def test_whole_or_as_before_and_no_process_left():
    stood, wrong, _ = campaign(8, 5, ["report --decisions", "explore --jobs", "pdk copy", "export test"])
    assert wrong == []
    assert sum(stood.values()) == 8
