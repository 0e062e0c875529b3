"""The page of an exploration: what was asked, the plot, and the table with the Pareto front marked."""

from collections.abc import Sequence

from layoutgen.explorer.points import ASKED, Row, specs_of
from layoutgen.explorer.sweep import Sweep
from layoutgen.explorer.tables import compared
from layoutgen.solver.shared import Shared
from layoutgen.svg import embedded

MOST_ROWS = 2000
"""Rows of the table of a page; the front comes first."""


def page_html(rows: Sequence[Row], front: Sequence[Row], plot: str, sweep: Sweep) -> str:
    """One offline file.

    Args:
        rows: of the sweep.
        front: those on the Pareto front of their scenario.
        plot: of the same, as SVG.
        sweep: what was asked.
    """
    from layoutgen.report.page import environment

    marked = {id(row) for row in front}
    rest = [row for row in rows if id(row) not in marked]
    shown = [*front, *rest][:MOST_ROWS]
    head, *lines = compared(shown, rows)
    asked = [(name, [str(value) for value in _texts(values)]) for name, values in sweep.axes]
    (spec,) = specs_of([next(iter(sweep.points()))])
    kit = Shared().kit(spec.pdk, spec.overrides).pdk
    return (
        environment()
        .get_template("explore.html")
        .render(
            asked=asked,
            base=[(name, value) for name, value in sweep.base.items() if value not in ({}, None)],
            head=head,
            asked_columns=head.index("layers"),
            lines=[(id(row) in marked, row, line) for row, line in zip(shown, lines, strict=True)],
            left_out=len(rows) - len(shown),
            plot=embedded(plot, "plot-", "Height, web and energy density of the designs"),
            questions=len(rows),
            designs=sum(bool(row["fits"]) for row in rows),
            front=len(front),
            process=f"{kit.name} {kit.version}",
            trust=kit.disclaimer,
            scenarios=len({tuple(row[name] for name in ASKED) for row in rows}),
        )
    )


def _texts(values: Sequence[object]) -> list[object]:
    return [value[0] if isinstance(value, list) else value for value in values]
