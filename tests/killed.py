"""Commands that write, ended at random times: whole or as before, nothing left that confuses, no process left.

By hand: ``python -m tests.killed 200 --seed 1``; the counts are printed.
"""

import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

QUESTION = "--mah", "2", "--footprint", "8x10", "--set", "web.width=120", "-q"
COMMANDS = {
    "design": ("design", *QUESTION, "--out", "new"),
    "design --force": ("design", *QUESTION, "--objective", "height", "--out", "part", "--force"),
    "export board": ("export", "part", "--for", "board", "--out", "board.zip"),
    "export test": ("export", "part", "--for", "test", "--repeats", "300", "--out", "test.zip", "--force"),
    "draw": ("draw", "part", "--sheet", "land-pattern", "--out", "sheets", "--force"),
    "report": ("report", "part"),
    "report --decisions": ("report", "part", "--decisions", "anna.toml"),
    "explore": ("explore", "--mah", "2,3", "--footprint", "8x10", "--jobs", "1", "-q", "--out", "many", "--force"),
    "explore --jobs": ("explore", "--mah", "1:8:0.25", "--footprint", "8x10", "--jobs", "2", "-q", "--out", "lots"),
    "pdk copy": ("pdk", "copy", "anodeless-ss", "my-fab", "--flat"),
    "tile --svg": ("tile", "--cell", "8x10", "--field", "100x100", "--svg", "tile.svg"),
    "diff --html": ("diff", "part", "other", "--html", "changes.html"),
    "check --picture": ("check", "part", "--gds", "other/masks/mb-2mah-8x10.gds", "--picture", "where.svg"),
    "rule --write-docs": ("rule", "--write-docs", "rules"),
    "bend": ("bend", "part", "--radius", "300", "--out", "bent"),
    "tile --outline": ("tile", "--outline", "stadium:12x4", "--field", "60x60", "--svg", "there.svg", "--force"),
    "test plan": ("test", "plan", "part", "--web-length", "5", "--out", "plan"),
    "test simulate": ("test", "simulate", "part", "--web-length", "5", "-q", "--out", "web", "--force"),
    "test read": ("test", "read", "web/web.parquet", "--design", "part", "--web-length", "5", "--out", "again"),
    "test deliver": ("test", "deliver", "web", "--out", "delivery"),
    "test fit": ("test", "fit", "spectra"),
    "compare": ("compare", "--flow", "anodeless-ss", "--flow", "one-step", *QUESTION[:4], "-q", "--out", "flows"),
    "bin": ("bin", "web"),
    "yield": ("yield", "web"),
    "report WEB": ("report", "binned"),
    "stack": ("stack", "binned", "--design", "part", "--layers", "5", "--out", "stacks"),
}
SIGNALS = signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP
_STRAY = re.compile(r"\.[^/]+\.[a-z0-9_]{8}\.partial")
_JOURNAL = re.compile(r"\.[^/]+\.rows")


def start(command, folder):
    """A command in a session of its own, so that whatever it starts can be found."""
    return subprocess.Popen(
        [sys.executable, "-m", "layoutgen", *command], cwd=folder, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, "TMPDIR": str(folder / "tmp")},
    )  # fmt: skip


def cpu_s(pid):
    """CPU of a process that runs; load of the machine does not count."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return float("inf")
    return float("inf") if fields[0] == "Z" else (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def session(pid):
    """Processes of a session that have not ended."""
    found = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = place.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[3]) == pid and fields[0] != "Z":
            found.append(int(place.parent.name))
    return found


def tree(folder):
    """Every file and folder, but for what a killed run is known to leave."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not any(_STRAY.fullmatch(part) or _JOURNAL.fullmatch(part) for part in name.split("/")):
            found[name] = path.read_bytes() if path.is_file() else None
    return found


def left(folder):
    """What killed runs left: beside their outputs and in the folder for temporary files."""
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*")]
    return [name for name in names if _STRAY.fullmatch(name.split("/")[-1]) or _JOURNAL.fullmatch(name)]


class Bench:
    """A folder to start from, and for each command what it leaves and how much CPU it takes."""

    def __init__(self, folder, names):
        self.base, self.work = folder / "base", folder / "work"
        (self.base / "tmp").mkdir(parents=True)
        for name, more in (("part", ()), ("other", ("--cycles", "100"))):
            self.finish(("design", *QUESTION, *more, "--out", name), self.base)
        self.finish(("draw", "part", "--sheet", "land-pattern", "--format", "svg", "--out", "sheets"), self.base)
        self.finish(("explore", "--mah", "2", "--footprint", "8x10", "-q", "--out", "many"), self.base)
        self.finish(("export", "part", "--for", "test", "--repeats", "2", "--out", "test.zip"), self.base)
        web = "test", "simulate", "part", "--web-length", "5", "--seed", "2", "-q", "--out"
        self.finish((*web, "web"), self.base)
        self.finish((*web, "binned"), self.base)
        self.finish(("bin", "binned"), self.base)
        self.finish(("test", "deliver", "web", "--out", "sent"), self.base)
        spectra = "test", "read", "sent/readings.csv", "sent/eis.csv", "--design", "part", "--web-length", "5", "-q"
        self.finish((*spectra, "--out", "spectra"), self.base)
        (self.base / "there.svg").write_text("<svg/>")
        import hashlib

        digest = hashlib.sha256((self.base / "part" / "design.json").read_bytes()).hexdigest()
        (self.base / "anna.toml").write_text(
            f'schema = "layoutgen.review/1"\ndesign = "{digest}"\n\n[[decision]]\nid = "SMT-2"\n'
            'verdict = "accepted"\nby = "Anna"\ndate = "2026-11-23"\n'
        )
        self.before = tree(self.base)
        self.after, self.cpu = {}, {}
        for name in names:
            self.renew()
            self.cpu[name] = self.finish(COMMANDS[name], self.work)
            self.after[name] = tree(self.work)

    def renew(self):
        shutil.rmtree(self.work, ignore_errors=True)
        shutil.copytree(self.base, self.work)

    def finish(self, command, folder):
        running, used = start(command, folder), 0.0
        while running.poll() is None:
            now = cpu_s(running.pid)
            used = max(used, now if now < float("inf") else 0.0)
            time.sleep(0.02)
        said = running.stderr.read().decode()
        running.stderr.close()
        assert running.returncode in {0, 1}, said
        return used

    def once(self, name, how, share):
        """End a command at a share of its CPU; what is wrong afterwards, and how it stood."""
        self.renew()
        running = start(COMMANDS[name], self.work)
        while running.poll() is None and cpu_s(running.pid) < share * self.cpu[name]:
            time.sleep(0.005)
        running.send_signal(how)
        said = running.communicate(timeout=600)[1].decode()
        until = time.monotonic() + 60
        while session(running.pid) and time.monotonic() < until:
            time.sleep(0.1)
        wrong = [f"{len(rest)} processes left" for rest in [session(running.pid)] if rest]
        # an interrupt before the first line of the package is the interpreter's own to report
        wrong += [
            "a traceback" for _ in [0] if "Traceback" in said and "layoutgen" in said.replace("-m layoutgen", "")
        ]
        found = tree(self.work)
        found = {name: content for name, content in found.items() if not name.startswith("tmp/")}
        before = found == self.before
        whole = found == self.after[name]
        if not before and not whole:
            names = [key for key in {**found, **self.after[name]} if found.get(key) != self.after[name].get(key)]
            wrong.append(f"neither whole nor as before: {names[:5]}")
        return wrong, "whole" if whole else "as before", left(self.work)

    def again(self, name):
        """The same command once more: what is wrong then."""
        done = subprocess.run(
            [sys.executable, "-m", "layoutgen", *COMMANDS[name]], cwd=self.work, capture_output=True, check=False,
            text=True, env={**os.environ, "TMPDIR": str(self.work / "tmp")},
        )  # fmt: skip
        if done.returncode not in {0, 1}:
            return [f"then refused: {done.stderr[:200]}"]
        rest = [path for path in left(self.work) if not path.startswith("tmp/")]
        return [f"strays stay: {rest}"] if rest else []


def campaign(count, seed, names):
    dice, stood, wrong, strays = random.Random(seed), Counter(), [], 0
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), names)
        for number in range(count):
            name, how = names[number % len(names)], dice.choice(SIGNALS)
            # most of the time goes into work; writing is at the end
            share = dice.random() if dice.random() < 0.5 else 1 - dice.random() ** 2 * 0.15
            problems, state, rest = bench.once(name, how, share)
            strays += bool(rest)
            if state == "as before" and rest:
                problems += bench.again(name)
            stood[name, state] += 1
            wrong += [f"{name} at {share:.3f} by {how.name}: {problem}" for problem in problems]
    return stood, wrong, strays


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("count", type=int)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", nargs="*", default=list(COMMANDS))
    given = options.parse_args()
    stood, wrong, strays = campaign(given.count, given.seed, given.only)
    for (name, state), count in sorted(stood.items()):
        print(f"{name:<22}{state:<11}{count}")
    print(f"{sum(stood.values())} ended, {strays} left something for the next run to remove, {len(wrong)} wrong")
    print("\n".join(wrong))
