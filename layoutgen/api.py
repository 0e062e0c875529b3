"""The Python interface: what the command line itself is made of.

::

    from layoutgen import Spec, design, explore, load_pdk, solve

    solution = solve(Spec(capacity="20 mAh", footprint="8x10"))
    print(solution.device.layers, solution.good_devices_per_m2)
    files = design(Spec(capacity="20 mAh", footprint="8x10"), out="ring-battery")
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from layoutgen.explorer.points import Row
from layoutgen.explorer.run import run_sweep
from layoutgen.explorer.sweep import make_sweep
from layoutgen.pdk.load import LoadedPdk, load_pdk
from layoutgen.solver.explain import explain
from layoutgen.solver.solution import Solution
from layoutgen.solver.solve import solve
from layoutgen.spec import Spec


def design(
    spec: Spec, loaded: LoadedPdk | None = None, *, out: str | Path | None = None, force: bool = False
) -> dict[str, bytes]:
    """Everything that ``layoutgen design`` makes.

    Args:
        spec: the question.
        loaded: its process; loaded as the spec says where not given.
        out: folder to make; nothing is written where it is not given.
        force: replace a folder that this or ``layoutgen design`` made; its review.toml is taken over.

    Returns:
        Relative path -> content of every file.

    Raises:
        InputError: the input is wrong, or the folder cannot be written.
        DesignError: nothing fits, or a file format cannot carry the layout.
    """
    from layoutgen.files.folder import OF_PEOPLE, check_target, write_package
    from layoutgen.flow import package_files
    from layoutgen.report.checklist import kept_review

    if out is not None:
        check_target(Path(out), force=force, kind="design", keeps=OF_PEOPLE)
    files = package_files(solve(spec, loaded), review=kept_review(Path(out)) if out is not None else None)
    if out is not None:
        write_package(Path(out), files, force=force)
    return files


def explore(
    axes: Mapping[str, str], *, base: Mapping[str, Any] | None = None, jobs: int = 1, scheduler: str | None = None
) -> list[Row]:
    """Ask every combination of some values, as ``layoutgen explore`` does.

    Args:
        axes: field of the spec, or ``set.PATH`` for a PDK value -> ``"5:50:5"`` or ``"5,10,20"``.
        base: spec values that all questions share.
        jobs: processes on this machine.
        scheduler: address of a Dask scheduler to hand the work to instead.

    Returns:
        One row for each question, in order; :data:`layoutgen.explorer.points.COLUMNS` names its figures.

    Raises:
        InputError: an axis or a question is wrong.
    """
    return run_sweep(make_sweep(base or {}, axes, {}), jobs=jobs, scheduler=scheduler)


__all__ = ["LoadedPdk", "Row", "Solution", "Spec", "design", "explain", "explore", "load_pdk", "solve"]
