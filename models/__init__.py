"""Tables of the exchange and the questions asked of them; no telephony, no command line."""
