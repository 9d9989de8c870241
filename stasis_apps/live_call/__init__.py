"""The call that drives real channels: a caller's line, prompts on it, phones rung for it, talks."""

from stasis_apps.live_call.call import LiveCall

__all__ = ["LiveCall"]
