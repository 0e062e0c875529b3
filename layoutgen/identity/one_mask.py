"""Files of one mask, as a shop gets them: the mask, what goes with each, and a frame that says which it is."""

from typing import TYPE_CHECKING

from layoutgen.identity.shapes import Drawing
from layoutgen.layout.measure import with_layers
from layoutgen.layout.model import Layout

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk


def layout_of_mask(seen: Drawing, layout: Layout, pdk: "Pdk") -> tuple[str, str, Layout] | None:
    """The mask that a file must be, by the layers that it holds: (mask, shop profile, what that shop gets).

    A mask by itself is the mask of the design, whichever shop makes it: the profile is empty then. None
    where it holds more layers than one mask comes with, or none that is a mask.
    """
    from layoutgen.receivers.shop import load_shop, shipped_shops
    from layoutgen.receivers.shop_files import mask_layouts

    held = {key for key, mask in seen.items() if not mask.empty}
    number = {name: (layer.number, layer.datatype) for name, layer in pdk.layers.items()}
    masks = [name for name in pdk.masks if number[name] in held]
    if len(masks) != 1:
        return None
    for name in shipped_shops():
        profile = load_shop(name)
        if not {"gds", "oasis"} & set(profile.formats):
            continue
        for mask, layers, part in mask_layouts(layout, pdk, profile):
            if mask == masks[0] and held == {number[layer] for layer in layers}:
                return mask, name, part
    if held == {number[masks[0]]}:
        return masks[0], "", with_layers(layout, masks)
    return None
