"""Python looks for this module when it starts: every Python that a test or a benchmark starts
checks the packings it makes.
"""

import sys
from pathlib import Path

ROOT = str(Path(__file__).parents[2])

sys.path.append(ROOT)
from tests.tile import watch  # noqa: E402

sys.path.remove(ROOT)
watch.start()
