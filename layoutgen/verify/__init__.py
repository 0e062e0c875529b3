"""What was received: is it whole, and is it what its design gives?"""

from layoutgen.verify.files import Verified
from layoutgen.verify.folder import verify_package
from layoutgen.verify.received import verify

__all__ = ["Verified", "verify", "verify_package"]
