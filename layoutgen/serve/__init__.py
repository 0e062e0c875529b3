"""A small local page over the same engine: type a question, see stack, web and figures at once."""
