"""Rules have no deadline: a busy machine is no reason for a red test."""

from hypothesis import settings

settings.register_profile("till", deadline=None, max_examples=60)
settings.load_profile("till")
