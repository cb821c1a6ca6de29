"""What tests of settings share."""

KEY = "b2xkIGtleSBvZiB0aGUgdGVzdHMgb2YgdG9rZW5zISE="

MANY = {
    "SLACK_CLIENT_ID": "1.2",
    "SLACK_CLIENT_SECRET": "s3cret",
    "SLACK_SIGNING_SECRET": "signed",
    "TOKEN_KEYS": f"{KEY}, {KEY},",
}
