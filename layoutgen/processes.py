"""Processes that work for another one: they end with it, however that ends."""

import os
import signal
import threading
from multiprocessing import parent_process


def end_with_parent() -> None:
    """Let this worker process end as soon as the process that started it has.

    A process that is killed cannot tell its workers to stop; they would go on, or wait for ever for more to do.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all of them; the first one ends the others
    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, name="watch", daemon=True).start()
