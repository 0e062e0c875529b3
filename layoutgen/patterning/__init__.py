"""Patterning flows side by side: what each makes of one question, what it loses, and why they differ."""
