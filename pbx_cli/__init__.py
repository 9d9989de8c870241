"""`pbx`: provisioning and operations from the shell; the only package that speaks click."""
