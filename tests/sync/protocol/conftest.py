"""Rules have no deadline: a busy machine is no reason for a red test."""

from hypothesis import settings

settings.register_profile("till", deadline=None)
settings.load_profile("till")
