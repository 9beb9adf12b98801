"""Errors of the model room that its callers may meet."""


class WeightsError(Exception):
    """Weights are missing, damaged or of another shape; the text names the file and how to restore it."""
