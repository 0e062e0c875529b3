"""Is a layout file this design? Mask by mask, by place and area; and where not, what was done to it."""
