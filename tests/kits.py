"""Shipped process kits with overrides; the files of each are read once."""

from functools import cache

from layoutgen.pdk.load import LoadedPdk, check_pdk, load_pdk


@cache
def as_shipped(name: str) -> LoadedPdk:
    return load_pdk(name)


def kit(name="anodeless-ss", overrides=()) -> LoadedPdk:
    base = as_shipped(name)
    if not overrides:
        return base
    return check_pdk(base.content, base.files, overrides, template=base.template, structures=base.structures)
