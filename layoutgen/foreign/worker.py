"""The process that reads: a file on standard input, numbers on standard output, nothing else.

It is started with ``-I -S``: no settings of the environment, no site packages. Limits are set before a byte is
read.
"""

import os
import sys
import threading
from collections.abc import Callable

from layoutgen.foreign.content import Content, Damaged, TooLarge
from layoutgen.foreign.gdsii import read_gdsii
from layoutgen.foreign.handover import write_content, write_head
from layoutgen.foreign.oasis import MAGIC, read_oasis

_PACKED = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz"}
"""How files start that hold another one."""


def main() -> None:
    """Read, and hand over content or the one thing that is wrong."""
    try:
        with os.fdopen(0, "rb", closefd=False) as file:
            data = file.read()
        content = parse(data)
    except Damaged as error:
        fail("damaged", error.what, error.offset)
    except TooLarge as error:
        fail("large", str(error))
    except MemoryError:
        fail("memory")
    else:
        with os.fdopen(1, "wb", closefd=False) as out:
            write_content(content, out)
    # no interpreter to take down: what was read may be large
    os._exit(0)


def parse(data: bytes) -> Content:
    """The content of a file of either format.

    Raises:
        Damaged: it is of neither, or breaks its format.
        TooLarge: it holds more than is read.
    """
    if data.startswith(MAGIC[:11]):
        return read_oasis(data)
    if data[2:4] == b"\x00\x02":
        return read_gdsii(data)
    for start, kind in _PACKED.items():
        if data.startswith(start):
            raise Damaged(f"is packed with {kind}; unpack it first")
    raise Damaged("is neither GDSII nor OASIS" if data else "is empty")


def fail(kind: str, what: str = "", offset: int | None = None) -> None:
    with os.fdopen(1, "wb", closefd=False) as out:
        write_head({"failed": kind, "what": what, "offset": offset}, out)


def limit(cpu_s: int, memory_bytes: int, output_bytes: int) -> None:
    """Limit this process; where the system has no limits, or lower ones, those hold."""
    try:
        import resource
    except ImportError:
        return
    wanted: dict[int, int] = {
        resource.RLIMIT_CPU: cpu_s,
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_FSIZE: output_bytes,
        resource.RLIMIT_CORE: 0,
    }
    for what, most in wanted.items():
        _, hard = resource.getrlimit(what)
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(what, (value, value))
        except (ValueError, OSError):
            continue


def end_with(parent: int) -> None:
    """End this process when the other end of a pipe is closed, whatever closed it."""

    def watch() -> None:
        try:
            os.read(parent, 1)
        finally:
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def start(target: Callable[[], None] = main) -> None:
    """Set the limits that the command line states, then work: path, module, CPU, memory, output, pipe."""
    cpu_s, memory_bytes, output_bytes, parent = (int(text) for text in sys.argv[3:7])
    limit(cpu_s, memory_bytes, output_bytes)
    end_with(parent)
    target()
