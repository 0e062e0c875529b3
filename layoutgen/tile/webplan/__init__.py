"""One repeat of the web: rows of fields, regimes, slits, structures."""
