"""Random damage to process design kits and specs: a result or a clear error, never anything else.

python -m tests.fuzz 10000        # that many, with a count of what became of them
"""

import copy
import random
import sys
from collections import Counter
from typing import Any

from layoutgen.errors import LayoutgenError
from layoutgen.pdk.load import check_pdk, load_pdk
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec

JUNK: tuple[Any, ...] = (
    None, True, "", "x", "9" * 400, "µ∞\0", "../..", -1, 0, 1, 2**70, 1e308, -1e-308, float("nan"), float("inf"),
    [], [1], {}, {"value": 1}, "1 um", "CATHODE - ANODE_CC", "__import__('os')", "1/0", "((((",
)  # fmt: skip
SPEC = {"capacity": "20 mAh", "footprint": "8x10", "confidence": 0.99, "cycles": 0, "foil": "any", "title": {}}


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every key path of a document."""
    found = [path] if path else []
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        found += places(value[key], (*path, key))
    return found


def damaged(document: dict[str, Any], random_: random.Random) -> dict[str, Any]:
    """A copy with one to three things changed, removed, renamed or scaled."""
    document = copy.deepcopy(document)
    for _ in range(random_.choice((1, 1, 1, 2, 3))):
        path = random_.choice(places(document) or [()])
        if not path:
            return document
        *parents, last = path
        table = document
        for key in parents:
            table = table[key]
        match random_.randrange(5):
            case 0:
                del table[last]
            case 1 if isinstance(table, dict):
                table[str(last) + random_.choice("sx_ ")] = table.pop(last)
            case 2 if isinstance(table[last], int | float) and not isinstance(table[last], bool):
                table[last] = table[last] * random_.choice((0, -1, 1e-6, 0.1, 0.5, 2, 10, 1e3, 1e9))
            case _:
                table[last] = copy.deepcopy(random_.choice(JUNK))
    return document


def attempt(seed: int, content: dict[str, Any]) -> str:
    """What becomes of one damaged input; anything but a LayoutgenError goes up."""
    random_ = random.Random(seed)
    try:
        if seed % 2:
            loaded = check_pdk(damaged(content, random_), dict.fromkeys(content, "x.toml"))
            spec = build_spec({"capacity": 20, "footprint": "8x10", "height": 3}, {})
        else:
            loaded = load_pdk()
            spec = build_spec(damaged(SPEC, random_), {})
        solution = solve(spec, loaded, compare=False)
    except LayoutgenError as error:
        assert error.problems
        assert all(problem.what for problem in error.problems)
        return type(error).__name__
    return "design" if solution.device.layers >= 1 else "nothing"


def main() -> None:
    content = load_pdk().content
    counts: Counter[str] = Counter()
    for seed in range(int(sys.argv[1])):
        try:
            counts[attempt(seed, content)] += 1
        except Exception as error:
            counts["TRACEBACK"] += 1
            print(f"seed {seed}: {type(error).__name__}: {error}")
    print(", ".join(f"{count} {name}" for name, count in counts.most_common()))
    sys.exit(counts["TRACEBACK"] > 0)


if __name__ == "__main__":
    main()
