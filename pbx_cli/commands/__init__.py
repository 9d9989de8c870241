"""One file per noun, found by looking in this folder; a new file is a new command.

A module ``tenant.py`` holds the click command or group ``tenant``.
"""
