"""Texts that the judge sends into the cell: loops that belong to the grader, not to a suite."""
