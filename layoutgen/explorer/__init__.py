"""Many questions at once: a sweep of specs, a table of answers, the Pareto front and its plot."""
