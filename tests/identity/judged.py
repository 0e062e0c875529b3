"""Change a design's file in one of twelve ways, and look whether the answer says so."""

import random

from tests.identity import transform


def judged(design, kind, seed, folder):
    """Empty where the answer is right, else what is wrong with it."""
    rng = random.Random(f"{design.name} {kind} {seed}")
    layout = transform.read(design.written(folder / "own.gds"))
    wanted, numbers = transform.KINDS[kind](layout, rng)
    path = folder / rng.choice(("changed.gds", "changed.oas"))
    transform.write(layout, path)
    answer = design.identity(path)
    return complaint(design, answer, wanted, numbers)


def judged_revision(design, other, folder):
    """As :func:`judged`, of the file of another design."""
    from tests.identity.conftest import known

    answer = design.identity(known(other).written(folder / "other.gds"))
    kinds = [item.kind for item in answer.differences]
    return "" if answer.verdict == "other" and "other-revision" in kinds else answer.text()


def complaint(design, answer, wanted, numbers):
    """What is wrong with an answer."""
    if wanted in transform.HARMLESS:
        said = {item.kind for item in answer.remarks}
        right = answer.verdict == "same" and (
            wanted in said or (wanted == "merged" and said <= {"merged", "regrouped"})
        )
        return "" if right else f"{wanted}: {answer.text()}"
    found = [item for item in answer.differences if item.kind == wanted]
    if answer.verdict != "other" or len(found) != 1:
        return f"{wanted} {numbers}: {answer.text()}"
    (item,) = found
    others = [other.kind for other in answer.differences if other.kind not in {wanted, "shifted"}]
    wrong = [f"also says {others}"] if others else []
    for name, value in numbers.items():
        if name == "layer":
            wrong += [] if item.masks == (name_of(design, value),) else [f"masks {item.masks}, not {value}"]
        elif name == "middles":
            meant = sorted(addresses(design, value))
            wrong += [] if sorted(item.cells) == meant else [f"cells {item.cells}, not {meant}"]
        elif not near(item.numbers.get(name), value):
            wrong.append(f"{name} {item.numbers.get(name)}, not {value}")
    return "; ".join([*wrong, answer.text()]) if wrong else ""


def near(found, value):
    if isinstance(value, str):
        return found == value
    if isinstance(value, list):
        return len(found) == len(value) and all(map(near, found, value))
    return found is not None and abs(found - value) <= 1e-6 * max(1.0, abs(value))


def name_of(design, key):
    return next(n for n, layer in design.sample.pdk.layers.items() if (layer.number, layer.datatype) == tuple(key))


def addresses(design, middles):
    """The cells whose middles are given, by the plan, one by one."""
    plan = design.sample.plan
    found = []
    for number, field in enumerate(plan.fields, 1):
        for index, block in enumerate(field.blocks, 1):
            w, h = plan.cell[::-1] if block.rotated else plan.cell
            across, up = len(str(block.columns)), len(str(block.rows))
            for x, y in middles:
                column, row = (x - block.x) // (w + plan.frame.kerf), (y - block.y) // (h + plan.frame.kerf)
                if 0 <= column < block.columns and 0 <= row < block.rows:
                    found.append(f"F{number}-B{index}-C{column + 1:0{across}}-R{row + 1:0{up}}")
    assert len(found) == len(middles)
    return found
