"""``layoutgen stack`` where no stack reaches what is asked, and what a reader is told of the figures."""

import json
import re
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from layoutgen.cli import cli
from layoutgen.errors import DoesNotFit
from layoutgen.lot.stacks.choose import Order, Wanted, choose
from layoutgen.lot.stacks.nearest import none_reaches
from layoutgen.lot.stacks.pool import Pool
from tests.lot.webs import design_file, solution, synthetic


@pytest.fixture(scope="module")
def web(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    made = synthetic(folder, small=True, repeats=80)
    CliRunner().invoke(cli, ["bin", str(made), "--no-stdf", "-q"])
    return made


@pytest.fixture(scope="module")
def design(tmp_path_factory):
    return design_file(tmp_path_factory.mktemp("design"), small=True)


def ask(web, design, *more):
    arguments = ["stack", web, "--design", design, *more]
    return CliRunner().invoke(cli, [str(item) for item in arguments], standalone_mode=False)


def refusal(*asked):
    error = ask(*asked).exception
    assert isinstance(error, DoesNotFit), error
    assert len(error.problems) == 1
    return error.problems[0].texts()


@pytest.mark.parametrize("more", [(), ("--order", "web"), ("--order", "trays:2"), ("--guard", "0.99")])
def test_what_no_stack_reaches_names_what_one_reaches(web, design, tmp_path, more):
    said = refusal(web, design, "--mah", "5", "--out", tmp_path / "out", *more)
    assert "5 mAh" in said["what"]
    assert not (tmp_path / "out").exists()
    capacity = float(re.search(r"capacity=([\d.]+)", said["remedy"])[1])
    layers = int(re.search(r"layers=(\d+)", said["remedy"])[1])
    made = [
        ask(web, design, *asked, *more)
        for asked in (
            ("--mah", capacity), ("--mah", f"{capacity * 1.01:.6f}"),
            ("--mah", 5, "--layers", layers), ("--mah", 5, "--layers", layers - 1),
        )
    ]  # fmt: skip
    assert [type(result.exception).__name__ for result in made] == ["NoneType", "DoesNotFit"] * 2


def test_an_order_that_falls_short_names_the_one_that_does_not(web, design):
    free = ("--resistance-ratio", "none")
    most = re.search(r"capacity=([\d.]+)", refusal(web, design, "--mah", "5", *free)["remedy"])[1]
    said = refusal(web, design, "--mah", most, "--order", "open:4", *free)
    assert "in order open:4" in said["what"]
    assert "order=whole" in said["remedy"]


def test_too_few_cells_for_one_stack(web, design):
    assert "too few for one stack of 9999" in refusal(web, design, "--layers", "9999")["what"]


def pool(capacity, resistance):
    count = np.arange(len(capacity), dtype=np.int32)
    return Pool(
        webs=(None,), lot=np.zeros(len(count), np.uint16), repeat=count, cell=count,
        tray=np.zeros(len(count), np.uint8), capacity=np.array(capacity), error=np.ones(len(count), np.int64),
        resistance=np.array(resistance), leak=np.full(len(count), -1), not_good=0,
    )  # fmt: skip


def verdict(cells, wanted):
    order = Order("whole")
    assert not choose(cells, wanted, order, seed=1).made
    return none_reaches(cells, wanted, order, seed=1, mixed=True).problems[0].texts()


def test_the_limit_on_resistance_bounds_what_is_offered():
    """By hand: the largest cell has a resistance of its own, so 9 + 8 of the others is the most; three
    of 9, 8 and 7 reach 19.
    """
    cells = pool([20_000, 9_000, 8_000, 7_000], [500, 100, 110, 120])
    said = verdict(cells, Wanted(2, 19_000, ratio=1.3))
    assert "within the limit on resistance" in said["what"]
    assert float(re.search(r"capacity=([\d.]+)", said["remedy"])[1]) == pytest.approx(0.017, rel=0.005)
    assert "layers=3" in said["remedy"]


def test_nothing_is_offered_where_nothing_helps():
    said = verdict(pool([5, 5], [100, 1000]), Wanted(2, 5, ratio=1.3))
    assert said["remedy"] == "no single change makes a stack; relax two of the limits"


def test_what_is_asked_is_the_one_number_everywhere(web, design, tmp_path):
    rated = solution(small=True).device.rated_mah
    wanted = f"{rated * 1.02:.3f}"
    out = tmp_path / "out"
    printed = ask(web, design, "--mah", wanted, "--guard", "0.99", "--out", out).stdout
    compared = ask(web, design, "--mah", wanted, "--guard", "0.99", "--compare").stdout
    record, page = json.loads((out / "stacks.json").read_text()), (out / "stacks.html").read_text()
    assert record["rated"]["mah"] == pytest.approx(float(wanted))
    assert record["least_mah"] == pytest.approx(float(wanted) + record["guard_mah"])
    assert f"reach {wanted} mAh at" in printed
    assert f"the guard asks each stack for {record['least_mah']:.3f} mAh" in printed
    assert f"that reach {wanted} mAh" in compared
    assert f"rated {wanted} mAh" in page
    assert "he guard asks each stack for" in page
    assert f"{rated:.3f} mAh" not in printed + page


def test_the_page_names_both_axes(web, design, tmp_path):
    ask(web, design, "--out", tmp_path / "out")
    page = (tmp_path / "out" / "stacks.html").read_text()
    assert re.search(r'<text [^>]*transform="rotate\(-90[^>]*>capacity of a stack, mAh<', page)
    assert ">stacks by rising capacity<" in page


def test_capacities_that_nobody_read_are_said_to_be_nominal(web, design, tmp_path):
    unread = tmp_path / "unread"
    shutil.copytree(web, unread)
    table = pq.read_table(unread / "web.parquet")
    at = table.column_names.index("capacity_nah")
    nulls = pa.nulls(len(table), table.schema.field(at).type)
    pq.write_table(
        table.set_column(at, table.schema.field(at), nulls), unread / "web.parquet", row_group_size=len(table)
    )
    assert CliRunner().invoke(cli, ["bin", str(unread), "--no-stdf", "-q"]).exit_code in (0, 1)
    said = "no capacity was read of lot 1 (unread)"
    assert said in ask(unread, design, "--out", tmp_path / "out").stdout
    record = json.loads((tmp_path / "out" / "stacks.json").read_text())
    assert [lot["capacity_read"] for lot in record["lots"]] == [False]
    assert said[1:] in (tmp_path / "out" / "stacks.html").read_text()
    both = ask(unread, design, web, "--json").stdout
    assert [lot["capacity_read"] for lot in json.loads(both)["lots"]] == [False, True]
    assert said[:20] not in ask(web, design).stdout
