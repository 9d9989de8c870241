"""What is odd about a plan although every part of it is valid; a family of checks is a module."""

from stasis_apps.lint.checks.loops import forward_loop_through
from stasis_apps.lint.finding import Code, Finding, Severity, known_codes
from stasis_apps.lint.linting import lint

__all__ = ["Code", "Finding", "Severity", "forward_loop_through", "known_codes", "lint"]
