"""What others see who watch over the exchange: whether it lives, takes calls, and its figures.

Nothing here is waited for by a call, and nothing a call does depends on it.
"""
