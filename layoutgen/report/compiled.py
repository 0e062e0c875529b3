"""Compiled templates kept beside their source, as Python keeps its modules."""

import sys
import tempfile
from contextlib import suppress
from importlib.metadata import version
from importlib.util import cache_from_source
from pathlib import Path

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket

_OPTIONS = "autoescape", "trim_blocks", "lstrip_blocks", "keep_trailing_newline", "optimized"


class CompiledTemplates(BytecodeCache):
    """Compiled templates in the ``__pycache__`` of a folder of templates.

    Compiling a page takes longer than filling it in. What was compiled from another source, under other options or
    by another version of Jinja is not used; a folder that cannot be written only costs the time.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """The file name of a template, which is unique in its folder."""
        return Path(filename).name if filename else name

    def get_bucket(self, environment: Environment, name: str, filename: str | None, source: str) -> Bucket:
        """The bucket of a template: its checksum is over all that the compiled code depends on."""
        options = [(option, getattr(environment, option)) for option in _OPTIONS]
        return super().get_bucket(environment, name, filename, f"{version('jinja2')} {options}\n{source}")

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket, where there is a file of this template."""
        with suppress(OSError), self._file(bucket).open("rb") as file:
            bucket.load_bytecode(file)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Write the file of a template, whole or not at all."""
        if sys.dont_write_bytecode:
            return
        target = self._file(bucket)
        with suppress(OSError):
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("wb", dir=target.parent, delete=False) as file:
                bucket.write_bytecode(file)
            Path(file.name).replace(target)

    def _file(self, bucket: Bucket) -> Path:
        return Path(cache_from_source(str(self._folder / bucket.key)))
