"""Equal rectangles in one frame: the ladder of methods, its tables, its bounds and its proofs."""
