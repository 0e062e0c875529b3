"""Files that come back from a test house: CSV, Parquet, STDF V4, SEMI E142, KLARF 1.2, spectra as CSV."""
