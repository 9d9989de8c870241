"""Pure rules of the exchange: no clock, no chance, no network; all they need is an argument."""
