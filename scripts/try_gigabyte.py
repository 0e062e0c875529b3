"""Test data of a size and a kind that nobody should send, read as whole commands.

    python scripts/try_gigabyte.py [MEGABYTES, default 1024]

Each kind is made in a temporary folder, given to ``test read`` beside a web that was read before, and thrown
away: exit code, CPU, peak memory, what was said, and whether what was read before is still there.
"""

import hashlib
import os
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

QUESTION = "--mah", "2", "--footprint", "8x10", "--set", "web.width=120", "-q"
_MEGABYTE = 1 << 20


def layoutgen(folder: Path, *words: str) -> tuple[int, str, float, float]:
    """(exit code, stderr, CPU in s, peak memory in MB) of a command."""
    process = subprocess.Popen(
        [sys.executable, "-m", "layoutgen", *words], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        text=True, env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)},
    )  # fmt: skip
    assert process.stderr is not None
    said = process.stderr.read()
    process.stderr.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, said, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def noise(count: int) -> Iterator[bytes]:
    """Bytes that mean nothing; the same every time."""
    for number in range(count):
        yield hashlib.shake_256(number.to_bytes(8, "big")).digest(_MEGABYTE)


def rows(line: Callable[[int], str], count: int, head: str = "") -> Iterator[bytes]:
    """Lines until ``count`` MB are full."""
    written, number = 0, 0
    yield head.encode()
    while written < count * _MEGABYTE:
        block = "".join(line(number + at) for at in range(10_000)).encode()
        number, written = number + 10_000, written + len(block)
        yield block


def stdf(count: int) -> Iterator[bytes]:
    """A FAR, and records of a kind that the standard does not know."""
    yield struct.pack("<HBBBB", 2, 0, 10, 2, 4)
    record = struct.pack("<HBB", 60_000, 213, 7) + bytes(60_000)
    for _ in range(count * _MEGABYTE // len(record)):
        yield record


def cell(number: int) -> str:
    """The cells of thirty repeats, over and over."""
    return f"W{number // 255 % 30 + 1:04d}-F1-B1-C{number % 255 // 15 + 1:02d}-R{number % 15 + 1:02d}"


XML = '<?xml version="1.0"?><MapData xmlns="urn:semi-org:xsd.E142-1.V1005.SubstrateMap"><Layouts>'
FILES: dict[str, tuple[str, Callable[[int], Iterator[bytes]]]] = {
    "text in numbers": ("a.csv", lambda n: rows(lambda k: f"{cell(k)},none at all,ok\n", n, "id,ocv/V,rms/ohm\n")),
    "ragged rows": ("a.csv", lambda n: rows(lambda _: "1,2,3,4,5\n", n, "id,ocv/V,rms/ohm\n")),
    "one line": ("a.csv", lambda n: rows(lambda _: "0123456789", n, "id,ocv/V\n")),
    "headings without end": ("a.csv", lambda n: rows(lambda _: "ocv/V,", n)),
    "quote without end": ("a.csv", lambda n: rows(lambda _: "W01-F1-B1-C01-R01,3.9\n", n, 'id,ocv/V\n"')),
    "cells that are not": ("a.csv", lambda n: rows(lambda k: f"W01-F9-B9-C{k}-R1,3.9\n", n, "id,ocv/V\n")),
    "noise as csv": ("a.csv", noise),
    "noise as parquet": ("a.parquet", noise),
    "noise as stdf": ("a.stdf", noise),
    "noise as xml": ("a.xml", noise),
    "noise as klarf": ("a.001", noise),
    "unknown records": ("a.stdf", stdf),
    "statement without end": ("a.001", lambda n: rows(lambda _: "12 ", n, "FileVersion 1 2;\nClassLookup ")),
    "defects without end": ("a.001", lambda n: rows(
        lambda k: f"{k} 1.0 1.0 1\n", n,
        "FileVersion 1 2;\nDiePitch 120000.000 149440.000;\n"
        "DefectRecordSpec 4 DEFECTID XREL YREL YINDEX ;\nDefectList\n")),
    "one text": ("a.xml", lambda n: rows(lambda _: "000", n, XML + "<BinCode>")),
    "one attribute": ("a.xml", lambda n: rows(lambda _: "000", n, XML + '<Layout LayoutId="')),
    "one comment": ("a.xml", lambda n: rows(lambda _: "000", n, XML + "<!-- ")),
    "depth": ("a.xml", lambda n: rows(lambda _: "<a>", n, XML)),
    "spectra of text": ("eis.csv", lambda n: rows(lambda k: f"{cell(k)},f,g,h\n", n, "id,f/Hz,re/ohm,im/ohm\n")),
}  # fmt: skip


def main(megabytes: int) -> int:
    """Every kind once; 1 if one of them is answered otherwise than by a message."""
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        layoutgen(folder, "design", *QUESTION, "--out", "part")
        layoutgen(folder, "test", "simulate", "part", "--web-length", "5", "-q", "--out", "lot")
        before = {path.name: path.read_bytes() for path in sorted((folder / "lot").iterdir())}
        for kind, (file, content) in FILES.items():
            with (folder / file).open("wb") as into:
                for block in content(megabytes):
                    into.write(block)
            words = "test", "read", file, "--design", "part", "--web-length", "5", "-q", "--force", "--out", "lot"
            code, said, cpu, peak = layoutgen(folder, *words)
            (folder / file).unlink()
            kept = before == {path.name: path.read_bytes() for path in sorted((folder / "lot").iterdir())}
            good = code == 2 and kept and "Traceback" not in said and len(said) <= 1000 and peak < 700
            wrong += not good
            print(
                f"{'' if good else 'WRONG '}{kind}: exit {code}, {cpu:.1f} s, {peak:.0f} MB, {said.strip()[:400]}",
                flush=True,
            )
    print(f"{len(FILES)} kinds of {megabytes} MB, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1024))
