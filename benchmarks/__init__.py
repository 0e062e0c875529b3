"""Measurements, run as ``python -m benchmarks.NAME``; whatever they pack is checked (tests/tile/watch.py)."""

import os

from tests.tile import watch

watch.start()
os.environ["PYTHONPATH"] = watch.search_path(os.environ.get("PYTHONPATH"))
