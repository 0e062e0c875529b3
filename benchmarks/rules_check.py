"""Time of the rule check on repeats of a thousand to a million cells, beside KLayout's deep mode on the same file.

    python -m benchmarks.rules_check

Prints for each size the CPU seconds of every rule together, those of the rules on the web alone, and those of
KLayout's Region engine in deep mode for the same rules on the web, on the GDSII file of the same layout; the ratio
of the largest to the smallest size shows whether the cost is flat.
"""

import multiprocessing
import tempfile
import time
from pathlib import Path

from layoutgen.export.gds import gds_bytes
from layoutgen.rules.engine import check_rules_on, run_rule
from tests.layout.designs import grid_plan, make
from tests.rules.oracle import Oracle
from tests.rules.webs import context

SIDES = (32, 316, 1000)
LIMIT_S = 120
WIDE = (("web.width", "9 m"), ("web.field_width", "8 m"), ("web.field_length", "8 m"))


def deep_seconds(path, item, queue):
    import klayout.db as kdb

    class Deep(Oracle):
        store = kdb.DeepShapeStore()

        def raw(self, name, view):
            if view == "device":
                return super().raw(name, view)
            layer = self.pdk.layers[name]
            index = self.layout.find_layer(layer.number, layer.datatype)
            return kdb.Region(self.layout.cell("REPEAT").begin_shapes_rec(index), self.store)

    start = time.process_time()
    oracle = Deep(path, item.pdk, item.template, 0)
    oracle.middle = lambda region: region
    verdicts = [oracle.holds(rule) for rule in web_rules(item).values()]
    queue.put((time.process_time() - start, sum(verdict is False for verdict in verdicts)))


def web_rules(item):
    left = {"centre", "count"}
    return {n: r for n, r in item.pdk.rules.items() if r.view == "web" and r.check not in left}


def klayout_seconds(path, item):
    queue = multiprocessing.Queue()
    process = multiprocessing.Process(target=deep_seconds, args=(path, item, queue))
    process.start()
    process.join(LIMIT_S)
    if process.is_alive():
        process.terminate()
        process.join()
        return f"over {LIMIT_S} s"
    seconds, broken = queue.get()
    return f"{seconds:.2f} s ({broken} broken)"


def main():
    print(f"{'cells':>9}  {'all rules':>10}  {'web rules':>10}  {'broken':>6}  KLayout deep, web rules")
    times = []
    for side in SIDES:
        sample = make("anodeless-ss", WIDE, (3000, 2500), dbu_nm=10, plan=grid_plan(side, side))
        item = context(sample)
        start = time.process_time()
        report = check_rules_on(item)
        whole = time.process_time() - start
        item = context(sample)
        start = time.process_time()
        for rule in web_rules(item).values():
            run_rule(item, rule)
        web = time.process_time() - start
        times.append(whole)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "web.gds"
            path.write_bytes(gds_bytes(sample.layout, sample.pdk))
            theirs = klayout_seconds(path, item)
        print(f"{side * side:>9}  {whole:>8.2f} s  {web:>8.2f} s  {report.failed:>6}  {theirs}", flush=True)
    print(
        f"all rules, {SIDES[-1] ** 2} against {SIDES[0] ** 2} cells: {times[-1] / times[0]:.2f} times the CPU time"
    )


if __name__ == "__main__":
    main()
