"""CPU of random questions over kits, regimes, slits, zones, structures and efforts: how many are slow.

python -m benchmarks.random_questions [QUESTIONS] [SEED]
"""

import random
import sys
import time
from typing import Any

from layoutgen.errors import LayoutgenError
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec

MOST_S = 10.0
KITS = ("anodeless-ss", "bottom-terminal", "one-step")
"""Those that state no repeat, so that every regime can be asked of them."""
REGIMES: tuple[dict[str, Any], ...] = (
    {},
    {"web.regime": "free"},
    {"web.regime": "fixed", "web.repeat_length": "320 mm"},
    {"web.regime": "fixed", "web.repeat_length": "6000 mm"},
)


def question(dice: random.Random) -> dict[str, Any]:
    """A question that may or may not have an answer."""
    settings = dict(dice.choice(REGIMES))
    if dice.random() < 0.4:
        settings["web.slits"] = dice.choice(["2", "3", "7", "50"])
    if dice.random() < 0.3:
        settings["web.structures"] = "coupon"
    if dice.random() < 0.2:
        settings["web.rotation_allowed"] = "false"
    if dice.random() < 0.2:
        settings["web.size_grid"] = "5"
    sides = sorted(dice.randint(25, 300) / 10 for _ in range(2))
    asked: dict[str, Any] = {"pdk": dice.choice(KITS), "set": settings, "effort": dice.choice(["standard", "high"])}
    asked["footprint"] = f"{sides[0]:g}x{sides[1]:g}"
    asked["capacity"] = round(sides[0] * sides[1] * dice.uniform(0.02, 0.4), 3)
    if dice.random() < 0.3:
        asked["height"] = dice.randint(5, 30) / 10
    if dice.random() < 0.3:
        asked["foil"] = "any"
    if dice.random() < 0.2:
        zone = {"name": "clamp", "reason": "holder", "outline": "20,20 60,20 60,50 20,50"}
        asked["zones"] = [zone]
    return asked


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    dice = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 23)
    times, answered = [], 0
    for _ in range(count):
        asked = question(dice)
        start = time.process_time()
        try:
            solve(build_spec(asked, {}))
            answered += 1
        except LayoutgenError as error:
            if "--why" in sys.argv:
                print(error)
        times.append((time.process_time() - start, str(asked)))
    times.sort(reverse=True)
    slow = sum(seconds > MOST_S for seconds, _ in times)
    print(f"{count} questions, {answered} answered: {slow} above {MOST_S:g} s; median {times[count // 2][0]:.2f} s")
    for seconds, asked in times[:5]:
        print(f"  {seconds:.2f} s: {asked}")


if __name__ == "__main__":
    main()
