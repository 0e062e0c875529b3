"""The Python interface: what the command line itself is made of.

::

    from layoutgen import Spec, solve

    solution = solve(Spec(capacity="20 mAh", footprint="8x10"))
    print(solution.summary())
    print(solution.findings().text())
    solution.write("ring-battery")
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import fields
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layoutgen.explorer.points import Row
from layoutgen.explorer.run import run_sweep
from layoutgen.explorer.sweep import make_sweep
from layoutgen.pdk.load import LoadedPdk, load_pdk
from layoutgen.solver.explain import explain
from layoutgen.solver.solution import Solution as Decided
from layoutgen.solver.solve import solve as decide
from layoutgen.spec import Spec
from layoutgen.summary import facts, summary

if TYPE_CHECKING:
    from layoutgen.layout.model import Layout
    from layoutgen.rules.findings import RuleReport


class Solution(Decided):
    """An answer, and everything that is made of it.

    Its values are those of :class:`layoutgen.solver.solution.Solution`. What a method gives is made when it is
    asked for, and is what ``layoutgen design`` writes.
    """

    def summary(self) -> str:
        """What ``layoutgen solve`` prints: package, layers, capacity, energy, web, what binds, what is flagged."""
        return summary(self)

    def layout(self) -> "Layout":
        """One repeat of the web and one stacked device, in integers of ``dbu_nm``.

        Raises:
            PreflightError: it cannot be drawn in the unit of the layout.
        """
        return self._layout

    def findings(self) -> "RuleReport":
        """Every design rule on the layout: findings, and what state each rule is in."""
        from layoutgen.rules.engine import check_solution

        return check_solution(self, self._layout)

    def drawings(self) -> dict[str, str]:
        """The sheets of the drawing set as SVG, by name: ``cross-section``, ``web-map`` ...

        Raises:
            DesignError: the part has no land pattern.
        """
        from layoutgen.draw.files import draw_sheets, inputs_of
        from layoutgen.draw.svg import svg_bytes

        return {name: svg_bytes(scene).decode() for name, scene in draw_sheets(inputs_of(self)).items()}

    def files(self) -> dict[str, bytes]:
        """Every file of the folder that ``layoutgen design`` makes, by path.

        Raises:
            RuleError: the layout breaks a design rule, or a rule could not be checked.
            PreflightError: a file format cannot carry the layout.
        """
        from layoutgen.flow import package_files

        return package_files(self)

    def write(self, out: str | Path, *, force: bool = False) -> Path:
        """Write the folder that ``layoutgen design`` makes, whole or not at all.

        Args:
            out: the folder.
            force: replace one that this or ``layoutgen design`` made; its review.toml is taken over.

        Returns:
            The folder.

        Raises:
            OutputError: the folder cannot be written.
            DesignError: as for :meth:`files`.
        """
        _write(self, Path(out), force=force)
        return Path(out)

    @cached_property
    def _layout(self) -> "Layout":
        from layoutgen.outputs import layout_of

        return layout_of(self)

    def _repr_html_(self) -> str:
        """The summary as a table, for notebooks."""
        rows = [*facts(self), *(("flag", flag.message) for flag in self.device.flags)]
        cells = "".join(f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in rows)
        return f'<table style="text-align:left"><caption>{escape(self.spec.file_name())}</caption>{cells}</table>'


def solve(
    spec: Spec,
    loaded: LoadedPdk | None = None,
    *,
    progress: Callable[[str], None] | None = None,
    compare: bool = True,
    waived: Collection[str] = (),
) -> Solution:
    """Find the best design that meets a spec.

    Args:
        spec: the question.
        loaded: its process, which must be what the spec asks for; loaded as the spec says where not given.
        progress: called with a line of text before each longer step.
        compare: also work out the designs with neighbouring numbers of layers; half of the time goes there.
        waived: design rules that the answer may break, since somebody has accepted it.

    Raises:
        InputError: the input is wrong, or spec and kit disagree.
        DoesNotFit: no design meets the question; says the nearest values that would.
        DesignError: the process was changed so that the answer breaks rules, or cannot be drawn.
    """
    return _with_stations(decide(spec, loaded, progress=progress, compare=compare, waived=waived))


def open_design(path: str | Path) -> Solution:
    """The solution that a design.json, or the folder around it, states.

    Raises:
        DocumentError: it cannot be read, was edited, or another version made it that decided otherwise.
    """
    from layoutgen.document import from_document, read_document

    return _with_stations(from_document(read_document(Path(path))))


def _write(solution: Decided, out: Path, *, force: bool) -> dict[str, bytes]:
    from layoutgen.files.folder import OF_PEOPLE, check_target, write_package
    from layoutgen.flow import package_files
    from layoutgen.report.checklist import kept_review

    check_target(out, force=force, kind="design", keeps=OF_PEOPLE)
    files = package_files(solution, review=kept_review(out))
    write_package(out, files, force=force)
    return files


def _with_stations(found: Decided) -> Solution:
    return Solution(**{field.name: getattr(found, field.name) for field in fields(found)})


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
    from layoutgen.files.folder import OF_PEOPLE, check_target

    if out is None:
        return solve(spec, loaded).files()
    check_target(Path(out), force=force, kind="design", keeps=OF_PEOPLE)
    return _write(solve(spec, loaded), Path(out), force=force)


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


__all__ = [
    "LoadedPdk",
    "Row",
    "Solution",
    "Spec",
    "design",
    "explain",
    "explore",
    "load_pdk",
    "open_design",
    "solve",
]
