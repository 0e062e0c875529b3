"""How many verdicts of our check are those of KLayout's Region engine, rule by rule, on random designs.

    python -m benchmarks.rules_klayout [designs, default 300]

Each design is judged as drawn and once broken by random edits. Ends with exit code 1 where a verdict differs.
"""

import random
import sys
import tempfile
from pathlib import Path

from tests.rules.test_klayout import broken_layout, random_sample, verdicts
from tests.rules.webs import context


def main():
    designs = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    compared = differing = broken_designs = 0
    rules = {}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(designs):
            dice = random.Random(number)
            sample = random_sample(dice)
            for layout in (None, broken_layout(dice, sample)):
                item = context(sample) if layout is None else context(sample, layout)
                found = verdicts(item, Path(folder))
                for name, (ours, theirs) in found.items():
                    compared += 1
                    rules.setdefault(name, set()).add(ours)
                    if ours != theirs:
                        differing += 1
                        print(f"design {number}, {name}: we say {ours}, KLayout says {theirs}", flush=True)
                broken_designs += layout is not None and not all(ours for ours, _ in found.values())
    both = sum(len(seen) == 2 for seen in rules.values())
    print(f"{designs} designs as drawn and {designs} edited at random, {broken_designs} of which break rules")
    print(f"{compared} verdicts on {len(rules)} rules compared, {both} of them held and broken: {differing} differ")
    sys.exit(bool(differing))


if __name__ == "__main__":
    main()
