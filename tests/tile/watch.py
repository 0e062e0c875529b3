"""Every packing and every plan is checked where it is made, whoever makes it: the tiler, a test, a benchmark.

``start`` is called for each test session (conftest) and each benchmark (benchmarks/__init__.py). What is wrong on
purpose is made within ``paused``.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from layoutgen.tile.model import Packing
from layoutgen.web.plan import WebPlan
from tests.tile.checker import check_packing, check_plan

CHECKS: dict[type, Callable[[Any], None]] = {Packing: check_packing, WebPlan: check_plan}

_pauses: list[None] = []


def start() -> None:
    """Check what is made from now on."""
    for kind, check in CHECKS.items():
        if not hasattr(kind.__init__, "__wrapped__"):
            kind.__init__ = _checked(kind.__init__, check)


@contextmanager
def paused() -> Iterator[None]:
    """What is made in here is wrong on purpose."""
    _pauses.append(None)
    try:
        yield
    finally:
        _pauses.pop()


def _checked(make: Callable[..., None], check: Callable[[Any], None]) -> Any:
    @wraps(make)
    def made(self: Any, *arguments: Any, **options: Any) -> None:
        make(self, *arguments, **options)
        if not _pauses:
            check(self)

    return made
