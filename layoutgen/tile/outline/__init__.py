"""Equal outlines that are not rectangles, packed into fields and rows of fields."""
