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


def test_a_new_folder_of_rule_pages_appears_whole(tmp_path, monkeypatch):
    import signal

    from layoutgen.cli import rule
    from layoutgen.files import folder

    def ended(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(folder, "put_in_place", ended)
    with pytest.raises(KeyboardInterrupt):
        rule._write(tmp_path / "far" / "rules", {"ONE.md": "one"}, force=False)
    assert list(tmp_path.iterdir()) == []
    assert signal.getsignal(signal.SIGHUP) in {signal.SIG_DFL, signal.SIG_IGN}
