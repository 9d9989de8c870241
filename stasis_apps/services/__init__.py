"""Thin input and output behind a call: what the plan decides, these carry out."""
