"""The design review: one offline page, its viewers, the trace of its figures and the review checklist."""
