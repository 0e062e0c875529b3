"""Which cells go into which stack: how many there can be, how alike they get, in which order a line works."""
