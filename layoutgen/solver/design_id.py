"""The short name that tells designs apart which are called alike."""

import hashlib
import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from layoutgen.solver.solution import Solution

DIGITS: Final = 8
_NOT_COUNTED: Final = {"pdk", "title", "name"}
"""What a question says that leaves the part as it is; of the kit its content counts."""


def design_id(solution: "Solution") -> str:
    """Eight digits 0-9 A-F of a SHA-256 over the question with its overrides, the kit, the template and the answer.

    Parts that differ have different ones; the name, the title block and the revision do not count.
    """
    device, web = solution.device, solution.web
    content = [
        solution.spec.model_dump(mode="json", exclude=_NOT_COUNTED, exclude_defaults=True),
        solution.loaded.sha256,
        [[item.path, item.value] for item in solution.loaded.overrides],
        solution.template.template.model_dump(mode="json", by_alias=True),
        [device.layers, device.cell_length_um, device.cell_width_um, web.repeat_length, web.cells_per_repeat],
    ]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS].upper()
