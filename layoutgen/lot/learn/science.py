"""scipy, which learning needs: one message where it is not installed."""

from layoutgen.errors import InputError, Problem

try:
    from scipy import fft, optimize, spatial, stats
except ImportError as error:
    _WHAT = "learning from a web uses scipy, which is not installed"
    raise InputError(Problem(_WHAT, remedy="pip install 'layoutgen[lot]'")) from error

__all__ = ["fft", "optimize", "spatial", "stats"]
