"""layoutgen: from a capacity and a footprint to masks, drawings and CAD models of a stacked micro-battery."""

__version__ = "0.1.0"
