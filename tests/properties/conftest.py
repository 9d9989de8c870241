"""Properties say what is true, not how fast: the machine may be busy."""

from hypothesis import settings

settings.register_profile("pbx", deadline=None)
settings.load_profile("pbx")
