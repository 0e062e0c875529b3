"""Worker processes with a deadline: one question at a time each, and a process that overruns is replaced.

The solver cannot be interrupted from inside, and a question may be made to take long; a process can be ended.
"""

import multiprocessing
import queue
import signal
import threading
from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import Any, Final

DEADLINE_S: Final = 30.0
WAITING_MOST: Final = 256


class Busy(Exception):  # noqa: N818  (reads as what it says)
    """Too many questions are waiting."""


class Workers:
    """A fixed number of worker processes, started at once and replaced when they overrun.

    Safe to call from many threads. ``ask`` waits for a free worker, at most ``deadline_s``.
    """

    def __init__(self, count: int, deadline_s: float = DEADLINE_S) -> None:
        self._deadline_s = deadline_s
        self._free: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._waiting = 0
        self._all = [_Worker() for _ in range(count)]
        for worker in self._all:
            self._free.put(worker)

    def ask(self, kind: str, question: Mapping[str, str]) -> dict[str, Any]:
        """The answer of a worker.

        Args:
            kind: ``answer`` or ``package``.
            question: field -> text.

        Raises:
            Busy: too many are waiting, or no worker became free in time.
        """
        with self._lock:
            if self._waiting >= WAITING_MOST:
                raise Busy
            self._waiting += 1
        try:
            worker = self._free.get(timeout=self._deadline_s)
        except queue.Empty as error:
            raise Busy from error
        finally:
            with self._lock:
                self._waiting -= 1
        try:
            return worker.ask(kind, question, self._deadline_s)
        finally:
            self._free.put(worker)

    def close(self) -> None:
        """End every worker."""
        for worker in self._all:
            worker.close()


class _Worker:
    """One process and the pipe to it."""

    def __init__(self) -> None:
        self._start()

    def ask(self, kind: str, question: Mapping[str, str], deadline_s: float) -> dict[str, Any]:
        try:
            self._pipe.send((kind, dict(question)))
            if self._pipe.poll(deadline_s):
                found: dict[str, Any] = self._pipe.recv()
                return found
            what = f"takes longer than {deadline_s:g} s"
        except (EOFError, OSError):
            what = "ended the process that worked on it"
        self.close()
        self._start()
        problem = {"what": f"this question {what}", "where": "", "allowed": "", "remedy": "ask a smaller one"}
        return {"ok": False, "kind": "limit", "problems": [problem]}

    def close(self) -> None:
        self._process.terminate()
        self._process.join(timeout=5)
        self._pipe.close()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()


def _work(pipe: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from layoutgen.serve.engine import answer, package

    # the first solve imports what later ones need
    answer({"capacity": "20", "footprint": "8x10"})
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
