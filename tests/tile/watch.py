"""Every packing and every plan is checked where it is made, whoever makes it: the tiler, a test, a benchmark.

There are two classes of them, so there are two places to watch. ``start`` is called for each test session
(conftest), each benchmark (benchmarks/__init__.py) and each Python that these start (tests/watched); nothing that
makes a packing has to remember it. What is wrong on purpose is made within ``paused``.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from importlib.abc import MetaPathFinder
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.tile.checker import check_packing, check_plan

MODEL = "layoutgen.tile.model"
FOLDER = Path(__file__).parents[1] / "watched"
CHECKS = {"Packing": check_packing, "WebPlan": check_plan}

_pauses: list[None] = []


def start() -> None:
    """Watch from now on; the model is not imported for it, since start-up is measured as well."""
    if MODEL in sys.modules:
        _watch(sys.modules[MODEL])
    elif not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def search_path(before: str | None) -> str:
    """A PYTHONPATH with which every Python that is started watches as well."""
    return os.pathsep.join([str(FOLDER), *([before] if before else [])])


@contextmanager
def paused() -> Iterator[None]:
    """What is made in here is wrong on purpose."""
    _pauses.append(None)
    try:
        yield
    finally:
        _pauses.pop()


def _watch(model: Any) -> None:
    for name, check in CHECKS.items():
        kind = getattr(model, name)
        if not hasattr(kind.__init__, "__wrapped__"):
            kind.__init__ = _checked(kind.__init__, check)


def _checked(make: Any, check: Any) -> Any:
    @wraps(make)
    def made(self: Any, *arguments: Any, **options: Any) -> None:
        make(self, *arguments, **options)
        if not _pauses:
            check(self)

    return made


class _Finder(MetaPathFinder):
    """Watches the model as soon as somebody imports it."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        del path, target
        if name != MODEL:
            return None
        sys.meta_path.remove(self)
        spec = find_spec(name)
        loader: Any = spec.loader if spec else None
        run = loader.exec_module

        def run_and_watch(module: Any) -> None:
            run(module)
            _watch(module)

        loader.exec_module = run_and_watch
        return spec
