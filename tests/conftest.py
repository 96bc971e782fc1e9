"""For every property: no deadline, since machines are busy, and how to repeat a failure."""

from hypothesis import settings

settings.register_profile("kedge", deadline=None, print_blob=True)
settings.load_profile("kedge")
