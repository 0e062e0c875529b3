"""Change design files in twelve ways, seeded, and count how often the answer to "is this my design?" is right.

    python scripts/try_identity.py 200

Designs: four kits, wide webs, bottom pads, no rotation, a coupon and zones. Needs KLayout (the extra ``test``).
"""

import sys
import tempfile
from collections import Counter
from itertools import count, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.identity import transform
from tests.identity.conftest import NAMES, known
from tests.identity.judged import judged, judged_revision


def main() -> None:
    """Print what was answered wrongly, and counts by kind; exit code 1 where any was."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    kinds = [*transform.KINDS, "other revision"]
    right, made = Counter(), Counter()
    with tempfile.TemporaryDirectory() as folder:
        for number in islice(count(), wanted):
            kind, name = kinds[number % len(kinds)], NAMES[(number // len(kinds)) % len(NAMES)]
            if kind == "other revision":
                wrong = judged_revision(known(name), NAMES[(number // len(kinds) + 1) % len(NAMES)], Path(folder))
            else:
                wrong = judged(known(name), kind, number, Path(folder))
            made[kind] += 1
            right[kind] += not wrong
            if wrong:
                print(f"{number} {kind}, {name}: {wrong}", flush=True)
    for kind in kinds:
        print(f"{kind}: {right[kind]} of {made[kind]} named right")
    print(f"all: {right.total()} of {made.total()} named right")
    sys.exit(right.total() < made.total())


if __name__ == "__main__":
    main()
