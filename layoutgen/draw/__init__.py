"""Drawings: sheets in mm made of frozen primitives, and the backends that write them.

Nothing here decides anything about a design: every number comes from the values that are drawn.
"""
