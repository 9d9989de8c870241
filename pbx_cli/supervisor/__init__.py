"""`pbx run`: Asterisk and the application, started, watched and ended in good order."""
