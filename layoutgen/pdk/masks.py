"""The masks of a process: what each tool operation does, derived from drawn layers."""

from layoutgen.errors import PdkError, Problem, did_you_mean
from layoutgen.layer_expressions import ALLOWED, Expression, layers_of, parse_layers
from layoutgen.pdk.schema import Pdk


def parse_masks(pdk: Pdk) -> dict[str, Expression]:
    """The expression of every mask, in mask order.

    Raises:
        PdkError: an expression does not parse, uses an unknown layer, or mixes web and stack layers.
    """
    problems: list[Problem] = []
    found: dict[str, Expression] = {}
    for name, mask in sorted(pdk.masks.items(), key=lambda item: item[1].number):
        where = f"masks.{name}.expression"
        try:
            expression = parse_layers(mask.expression)
        except ValueError:
            problems.append(Problem(f"{mask.expression!r} is not a mask expression", where, ALLOWED))
            continue
        drawn = [key for key, layer in pdk.layers.items() if layer.purpose == "drawn"]
        unknown = [layer for layer in layers_of(expression) if layer not in drawn]
        problems += [
            Problem(f"there is no drawn layer {layer!r}", where, remedy=did_you_mean(layer, drawn))
            for layer in unknown
        ]
        stages = {pdk.layers[layer].stage for layer in layers_of(expression) if layer not in unknown}
        if stages - {pdk.layers[name].stage}:
            problems.append(Problem(f"mixes stages; the mask is of the {pdk.layers[name].stage} stage", where))
        found[name] = expression
    if problems:
        raise PdkError(problems)
    return found
