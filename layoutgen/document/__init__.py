"""design.json: everything decided, written and read back.

The document carries the process design kit and the templates that it was made with, so that every later step
(export, drawings, checks) works from this one file. Each module writes and reads one part of it.
"""

from layoutgen.document.file import SCHEMA, document_of, read_document, to_text
from layoutgen.document.kit import kit_of
from layoutgen.document.solution import from_document, open_document, to_document

__all__ = [
    "SCHEMA",
    "document_of",
    "from_document",
    "kit_of",
    "open_document",
    "read_document",
    "to_document",
    "to_text",
]
