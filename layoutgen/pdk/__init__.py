"""Process design kits: schema, loading, overrides and provenance."""

from layoutgen.pdk.load import DEFAULT_PDK, LoadedPdk, Override, load_pdk, shipped_pdks
from layoutgen.pdk.quantity import Kind, Quantity
from layoutgen.pdk.schema import Pdk

__all__ = ["DEFAULT_PDK", "Kind", "LoadedPdk", "Override", "Pdk", "Quantity", "load_pdk", "shipped_pdks"]
