"""``python -m layoutgen``."""

import signal

# before the imports: an interrupt during start-up shows no traceback either
signal.signal(signal.SIGINT, signal.SIG_DFL)

from layoutgen.cli import main  # noqa: E402

main()
