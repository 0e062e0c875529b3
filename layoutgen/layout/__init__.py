"""Geometry: from a device template and a web plan to a hierarchical layout in integers."""
