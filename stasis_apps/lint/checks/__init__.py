"""The checks, a module for each family: its codes, and ``findings``, which looks for them.

They are found by looking into this folder.
"""
