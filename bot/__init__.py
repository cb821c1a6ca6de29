"""The wiring: reads the environment, opens connections, starts tasks."""
