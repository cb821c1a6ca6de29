"""The domain: rules without I/O, without a clock, without Slack and without SQL."""
