"""layoutgen: from a capacity and a footprint to masks, drawings and CAD models of a stacked micro-battery."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from layoutgen.api import LoadedPdk, Row, Solution, Spec, design, explain, explore, load_pdk, open_design, solve

__version__ = "0.2.0"

__all__ = [
    "LoadedPdk",
    "Row",
    "Solution",
    "Spec",
    "__version__",
    "design",
    "explain",
    "explore",
    "load_pdk",
    "open_design",
    "solve",
]


def __getattr__(name: str) -> Any:
    """The interface is imported when it is first used: the command line starts without it."""
    if name in __all__:
        from layoutgen import api

        return getattr(api, name)
    raise AttributeError(f"module 'layoutgen' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
