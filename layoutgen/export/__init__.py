"""Writers, one file a format: each turns a checked layout into bytes."""
