"""Design rules: one source in the PDK; the check, the rule pages and the KLayout deck come from it."""
