"""One file per element kind, found by looking in this folder; CONTRIBUTING says how to add one."""
