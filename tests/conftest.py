"""What holds for every property: a busy machine is no failure, and a failure says how to repeat it."""

from hypothesis import settings

settings.register_profile("kedge", deadline=None, print_blob=True)
settings.load_profile("kedge")
