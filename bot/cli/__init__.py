"""The command line, a module for each group of commands: the one place that reads settings."""
