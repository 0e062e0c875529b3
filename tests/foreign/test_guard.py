"""The guard, with harmless stand-ins for a reader that misbehaves."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from layoutgen.errors import DocumentError
from layoutgen.foreign.guard import Limits, head_of, read_guarded

ROOT = str(Path(__file__).resolve().parents[2])
LIMITS = Limits(cpu_s=1, memory_bytes=300 * 2**20, output_bytes=2**20, wall_s=30.0)
STAND_INS = {
    "killed": ("os.kill(os.getpid(), 11)", "signal 11"),
    "loops": ("while True: pass", "1 s of CPU"),
    "takes memory": ("bytearray(10**9)", "its reader failed"),
    "raises": ("raise ValueError('a secret')", "its reader failed"),
    "says nothing": ("pass", "its reader failed"),
    "writes without end": (
        "[os.write(1, bytes(100000)) for _ in range(100)]",
        "signal|MiB of shapes|reader failed",
    ),
}


def stand_in(folder, body):
    text = "import os, sys\nfrom layoutgen.foreign import worker\n"
    text += f"def body():\n    print('remark', file=sys.stderr)\n    {body}\ndef start():\n"
    text += f"    sys.path.append({ROOT!r})\n    worker.start(body)\n"
    (folder / "stand_in.py").write_text(
        text.replace("from layoutgen", f"sys.path.append({ROOT!r})\nfrom layoutgen")
    )
    return "stand_in", str(folder)


@pytest.mark.parametrize("name", STAND_INS)
def test_a_reader_that_misbehaves_is_one_message(name, tmp_path, capfd):
    body, said = STAND_INS[name]
    path = tmp_path / "file"
    path.write_bytes(b"x")
    with path.open("rb") as file, pytest.raises(DocumentError, match=said) as caught:
        head_of(read_guarded(file, "file.gds", LIMITS, stand_in(tmp_path, body)), "file.gds")
    (problem,) = caught.value.problems
    assert problem.where == "file.gds"
    out, err = capfd.readouterr()
    assert (out, err) == ("", "")


def test_a_reader_that_sleeps_is_ended(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"x")
    limits = Limits(cpu_s=5, memory_bytes=2**30, output_bytes=2**20, wall_s=0.5)
    start = time.monotonic()
    with path.open("rb") as file, pytest.raises(DocumentError, match="took more than"):
        read_guarded(file, "x", limits, stand_in(tmp_path, "import time; time.sleep(600)"))
    assert time.monotonic() - start < 60


def test_nothing_of_the_environment_is_passed_on(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    path = tmp_path / "file"
    path.write_bytes(b"x")
    body = "import json; os.write(1, json.dumps({'env': sorted(os.environ), 'cwd': os.getcwd()}).encode() + b'\\n')"
    with path.open("rb") as file:
        head, _ = head_of(read_guarded(file, "x", LIMITS, stand_in(tmp_path, body)), "x")
    assert head["cwd"] == "/"
    assert not [name for name in head["env"] if "PYTHON" in name or name == "HOME"]


def test_a_reader_ends_with_its_parent(tmp_path):
    """Killed from outside, a parent leaves no reader behind."""
    path = tmp_path / "file"
    path.write_bytes(b"x")
    body = f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); import time; time.sleep(600)"
    reader = stand_in(tmp_path, body)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from layoutgen.foreign.guard import Limits, read_guarded\n"
        f"read_guarded(open({str(path)!r}, 'rb'), 'x', Limits(50, 2**30, 2**20, 500.0), {reader!r})\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, ROOT], stderr=subprocess.DEVNULL)
    pid = wait_for(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text())
    parent.kill()
    parent.wait()
    assert wait_for(lambda: not alive(int(pid)))


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def wait_for(what):
    for _ in range(1200):
        found = what()
        if found:
            return found
        time.sleep(0.05)
    return False
