"""The patterned web as values: what a cell is called."""
