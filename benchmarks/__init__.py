"""How fast Rung is, beside something as bare as can be, in the same run. `make bench` prints it."""
