"""What Rung does: a module per aggregate, a function per use case, each one transaction; no Slack, no English."""
