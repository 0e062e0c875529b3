"""Shapes in integers, independent of layouts and files."""
