"""Two designs side by side: what changed in the question, the process, the answer, the figures and the masks."""
