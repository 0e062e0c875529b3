"""Measurements, run as ``python -m benchmarks.NAME``; whatever they pack is checked (tests/tile/watch.py)."""

from tests.tile import watch

watch.start()
