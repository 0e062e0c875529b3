"""Process design kits: schema, loading, overrides and provenance."""
