"""One sheet a module, each with ``sheet(inputs, number, of) -> Scene``; the registry lists them."""
