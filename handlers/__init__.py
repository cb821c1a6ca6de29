"""What people can do, one module per feature: translates Slack to the domain and the database, and back."""
