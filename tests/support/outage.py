"""What tests of outage share."""

import re

INCIDENT = re.compile(r"incident `(\w{8})`")
