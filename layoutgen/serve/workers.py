"""Worker processes with a deadline: one question at a time each, and a process that overruns is replaced.

The solver cannot be interrupted from inside, and a question may be made to take long; a process can be ended. Each
kind of work has workers of its own, so that packages, which take seconds, never hold up a quick question.
"""

import multiprocessing
import os
import queue
import threading
import time
from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import Any, Final

DEADLINE_S: Final = 30.0
WAITING_MOST: Final = 256
_LOOK_S: Final = 0.05
"""How often a worker's caller looks whether its answer is still wanted."""
_PACKAGE_TIMES: Final = 4
"""How many times longer than a question a package may take."""
_GRACE_S: Final = {"answer": 1.0, "package": 0.0}
"""How long work that nobody wants may go on: replacing the process takes longer than most questions."""
_POLITE: Final = 5
_UNSET: Final = threading.Event()


class Busy(Exception):  # noqa: N818  (reads as what it says)
    """Too many questions are waiting."""


class Cancelled(Exception):  # noqa: N818
    """Nobody waits for the answer any more."""


class Workers:
    """A fixed number of worker processes, started at once and replaced when they overrun.

    Safe to call from many threads. ``ask`` waits for a free worker, at most ``deadline_s``.
    """

    def __init__(self, count: int, deadline_s: float = DEADLINE_S, packers: int = 1) -> None:
        self._deadline_s = deadline_s
        self._lock = threading.Lock()
        self._waiting = 0
        self._all = [_Worker() for _ in range(count)]
        self._packers = [_Worker(_POLITE) for _ in range(packers)]
        self._free: dict[str, queue.SimpleQueue[_Worker]] = {}
        for kind, workers in (("answer", self._all), ("package", self._packers)):
            self._free[kind] = queue.SimpleQueue()
            for worker in workers:
                self._free[kind].put(worker)

    def ask(
        self, kind: str, question: Mapping[str, str], unwanted: threading.Event | None = None
    ) -> dict[str, Any]:
        """The answer of a worker.

        Args:
            kind: ``answer`` or ``package``.
            question: field -> text.
            unwanted: set by the caller when nobody waits any more.

        Raises:
            Busy: too many are waiting, or no worker became free in time.
            Cancelled: ``unwanted`` was set before there was an answer.
        """
        unwanted = unwanted or threading.Event()
        with self._lock:
            if self._waiting >= WAITING_MOST:
                raise Busy
            self._waiting += 1
        try:
            worker = self._next(kind, unwanted)
        finally:
            with self._lock:
                self._waiting -= 1
        try:
            return worker.ask(kind, question, self._allowed_s(kind), unwanted)
        finally:
            self._free[kind].put(worker)

    def close(self) -> None:
        """End every worker."""
        for worker in (*self._all, *self._packers):
            worker.close()

    def _allowed_s(self, kind: str) -> float:
        return self._deadline_s * (_PACKAGE_TIMES if kind == "package" else 1)

    def _next(self, kind: str, unwanted: threading.Event) -> "_Worker":
        until = time.monotonic() + self._allowed_s(kind)
        while True:
            try:
                return self._free[kind].get(timeout=_LOOK_S)
            except queue.Empty:
                if unwanted.is_set():
                    raise Cancelled from None
                if time.monotonic() > until:
                    raise Busy from None


class _Worker:
    """One process and the pipe to it; ``polite`` lowers its priority."""

    def __init__(self, polite: int = 0) -> None:
        self._polite, self._ready = polite, False
        self._start()

    def ask(
        self, kind: str, question: Mapping[str, str], deadline_s: float, unwanted: threading.Event
    ) -> dict[str, Any]:
        if unwanted.is_set():
            raise Cancelled
        until, what = time.monotonic() + deadline_s, ""
        try:
            while not self._ready and time.monotonic() < until:
                if self._pipe.poll(_LOOK_S):
                    self._ready = bool(self._pipe.recv())
                elif unwanted.is_set():
                    raise Cancelled
            self._pipe.send((kind, dict(question)))
            while not self._pipe.poll(min(_LOOK_S, deadline_s)):
                if unwanted.is_set():
                    until = min(until, time.monotonic() + _GRACE_S[kind])
                    unwanted = _UNSET
                    what = "unwanted"
                if time.monotonic() > until:
                    what = what or f"takes longer than {deadline_s:g} s"
                    break
            else:
                found: dict[str, Any] = self._pipe.recv()
                return found
        except (EOFError, OSError):
            what = "ended the process that worked on it"
        self.close()
        self._start()
        if what == "unwanted":
            raise Cancelled
        problem = {"what": f"this question {what}", "where": "", "allowed": "", "remedy": "ask a smaller one"}
        return {"ok": False, "kind": "limit", "problems": [problem]}

    def close(self) -> None:
        self._process.terminate()
        self._process.join(timeout=5)
        self._pipe.close()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, self._polite), daemon=True)
        self._process.start()
        self._ready = False
        theirs.close()


def _work(pipe: Connection, polite: int) -> None:
    from layoutgen.processes import end_with_parent

    end_with_parent()
    if polite and hasattr(os, "nice"):
        os.nice(polite)
    from layoutgen.serve.engine import answer, package

    # the first solve imports what later ones need
    answer({"capacity": "20", "footprint": "8x10"})
    pipe.send("ready")
    while True:
        try:
            kind, question = pipe.recv()
        except EOFError:
            return
        try:
            found = package(question) if kind == "package" else answer(question)
        except Exception as error:  # a defect must reach the page as an answer, not end the server
            what = f"internal error: {type(error).__name__}: {error}"
            found = {"ok": False, "kind": "defect", "problems": [{"what": what, "where": "", "allowed": "",
                     "remedy": "this is a defect of layoutgen; report it"}]}  # fmt: skip
        pipe.send(found)
