"""Settings that several rooms share."""

from hypothesis import settings

# No timed assertions: a busy machine must not turn a right answer into a failure.
settings.register_profile("calm", deadline=None)
settings.load_profile("calm")
