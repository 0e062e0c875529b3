"""The physics of one device: capacity, stack-up, yield, electrical, mass. No search, no drawing.

All functions take a :class:`~layoutgen.sizing.process.Process` and floats or numpy arrays, and return the like.
"""
