"""Files on disk: the design folder, whole or absent, and archives packed alike on every machine."""
