"""`pbx doctor`: looks at every part the exchange depends on, and can place a real call."""
