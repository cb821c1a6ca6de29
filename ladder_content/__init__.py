"""The career ladder: its types, the loud reader of its YAML, and look-up by words."""
