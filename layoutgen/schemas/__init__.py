"""A JSON Schema for every TOML and JSON file that the tool reads, writes or prints.

Those of inputs are made from the models that read them; those of outputs are kept by hand in ``outputs``, and tests
hold real outputs against them. ``layoutgen schema NAME`` prints one, ``docs/reference/schemas`` holds all.
"""

from layoutgen.schemas.registry import SCHEMAS, Schema, schema_text

__all__ = ["SCHEMAS", "Schema", "schema_text"]
