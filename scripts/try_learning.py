"""What is learned of synthetic webs against what is true of them, over seeds.

    python scripts/try_learning.py [SEEDS, default 20] [REPEATS, default 268]

Of each seed two webs: one without signatures, for bias and for signatures that are invented; one with a mark of a
roll, a scratch, weak edges and a splice, for those that are missed, and for latent leaks that binning finds.
"""

import math
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np

from layoutgen.lot.binning import bin_web
from layoutgen.lot.bins_record import against_truth
from layoutgen.lot.folder import BINS_TABLE, open_web
from layoutgen.lot.learn.clustering import fit_blocks
from layoutgen.lot.learn.failmap import fail_map
from layoutgen.lot.learn.signatures import find_signatures
from layoutgen.lot.rules import Judge
from tests.lot.webs import synthetic, truth_of, webtest

ROLLERS = {"coating-drum": 628_300.0}
DENSITY, ALPHA = 0.1, 2.0


def learned(path):
    """(signatures, clustering) of a web."""
    web = open_web(path)
    fails = fail_map(web, Judge(webtest(), web.map), lambda _: None)
    found = find_signatures(fails, 0.01, ROLLERS)
    return found, fit_blocks(fails.blocks(25_000.0), web.map.area_cm2)


def binned(path):
    """How the bins of a web agree with its truth."""
    web = open_web(path)
    bin_web(web, Judge(webtest(), web.map), path / BINS_TABLE, lambda _: None)
    return against_truth(web, BINS_TABLE)


def main() -> None:
    seeds, repeats = (int(sys.argv[n]) if len(sys.argv) > n else default for n, default in ((1, 20), (2, 268)))
    values = {"plain": [], "with signatures": []}
    invented, wanted, missed, bins = [], Counter(), Counter(), Counter()
    for seed in range(seeds):
        with tempfile.TemporaryDirectory() as place:
            plain = synthetic(Path(place), seed=seed, repeats=repeats, signatures=(), splice=False, name="plain")
            found, fitted = learned(plain)
            invented += [f"{seed}: {item.kind} {item.place}" for item in found]
            values["plain"].append(fitted)
            full = synthetic(Path(place), seed=seed, repeats=repeats, wave=True, name="full")
            found, fitted = learned(full)
            values["with signatures"].append(fitted)
            truth = {(s["kind"], s["place"]) for s in truth_of(full)["signatures"] if s["kind"] != "edge"}
            held = {(item.kind, item.place) for item in found}
            wanted.update(kind for kind, _ in truth)
            missed.update(kind for kind, _ in truth - held)
            edges = {number for item in found if item.kind == "edge" for number in item.more["lanes"]}
            wanted["edge lane"] += 4
            missed["edge lane"] += len({1, 2, 34, 35} - edges)
            other = held - truth - {pair for pair in held if pair[0] == "edge"}
            invented += [f"{seed}, with signatures: {kind} {place}" for kind, place in sorted(other)]
            bins.update(binned(full))
        print(f"seed {seed} done", file=sys.stderr, flush=True)
    for name, fits in values.items():
        for what, true in (("defect_density", DENSITY), ("cluster_parameter", ALPHA)):
            each = np.array([getattr(fit, what).value for fit in fits])
            error = each.std(ddof=1) / math.sqrt(len(each))
            inside = sum(getattr(fit, what).low <= true <= getattr(fit, what).high for fit in fits)
            print(
                f"{name}: {what} {each.mean():.5g}, true {true:g}: {(each.mean() - true) / error:+.2f} standard "
                f"errors; true value inside {inside} of {len(each)} intervals"
            )
    print("signatures found: " + ", ".join(f"{n - missed[kind]} of {n} {kind}" for kind, n in wanted.items()))
    print(f"invented: {len(invented)} in {2 * seeds} webs" + "".join(f"\n  {text}" for text in invented))
    print(
        f"latent leaks: {bins['latents_found']} of {bins['latents']} found, "
        f"{1e6 * bins['sound_lost'] / bins['sound']:.1f} ppm of {bins['sound']} sound cells lost"
    )


if __name__ == "__main__":
    main()
