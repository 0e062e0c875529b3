"""Work in parts: on this machine's cores or on a Dask cluster; each result comes with its task as it is ready."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context
from typing import Any, TypeVar

from layoutgen.errors import Input, InputError, Problem
from layoutgen.processes import end_with_parent

Key = TypeVar("Key")
Argument = TypeVar("Argument")
Result = TypeVar("Result")


def spread(
    work: Callable[[Argument], Result],
    tasks: Iterable[tuple[Key, Argument]],
    *,
    jobs: int = 1,
    scheduler: str | None = None,
) -> Iterator[tuple[Key, Result]]:
    """Do every task, in any order.

    Args:
        work: what is done to the argument of a task; a function of a module, so that another process finds it.
        tasks: key and argument of each; the key comes back with the result.
        jobs: processes on this machine; 1 works in this one.
        scheduler: address of a Dask scheduler to hand the work to instead.

    Raises:
        InputError: Dask is not installed, or the scheduler cannot be reached.
    """
    if scheduler is not None:
        yield from _on_cluster(work, tasks, scheduler)
    elif jobs <= 1:
        for key, argument in tasks:
            yield key, work(argument)
    else:
        yield from _on_cores(work, tasks, jobs)


def _on_cores(
    work: Callable[[Argument], Result], tasks: Iterable[tuple[Key, Argument]], jobs: int
) -> Iterator[tuple[Key, Result]]:
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=end_with_parent) as pool:
        waiting: dict[Future[Result], tuple[int, Key]] = {}
        for number, (key, argument) in enumerate(tasks):
            waiting[pool.submit(work, argument)] = number, key
            if len(waiting) >= 4 * jobs:
                yield from _collect(waiting)
        while waiting:
            yield from _collect(waiting)


def _collect(waiting: "dict[Future[Result], tuple[int, Key]]") -> Iterator[tuple[Key, Result]]:
    ready, _ = wait(waiting, return_when=FIRST_COMPLETED)
    for future in sorted(ready, key=lambda item: waiting[item][0]):
        yield waiting.pop(future)[1], future.result()


def _on_cluster(
    work: Callable[[Argument], Result], tasks: Iterable[tuple[Key, Argument]], scheduler: str
) -> Iterator[tuple[Key, Result]]:
    try:
        import distributed
    except ImportError:
        what = "Dask is not installed"
        raise InputError(Problem(what, Input("scheduler"), remedy="pip install 'layoutgen[dask]'")) from None
    try:
        connect: Any = distributed.Client
        client = connect(scheduler, timeout="10s", set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise InputError(Problem(f"cannot reach {scheduler!r}: {error}", Input("scheduler"))) from error
    finished: Any = distributed.as_completed
    with client:
        handed = {client.submit(work, argument, pure=False): key for key, argument in tasks}
        for future in finished(list(handed), loop=client.loop):
            yield handed[future], future.result()
