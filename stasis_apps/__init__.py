"""The telephone exchange: every channel that Asterisk hands over runs its tenant's plan."""
