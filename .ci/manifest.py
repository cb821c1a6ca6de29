"""Fail where the manifest on standard input is not what Slack's schema of manifests says: manifest.py SCHEMA."""

import json
import sys
from pathlib import Path

import jsonschema


def main(schema: Path) -> None:
    """Raise with the first fault."""
    definitions = json.loads(schema.read_text())["definitions"]
    jsonschema.validate(json.load(sys.stdin), {"$ref": "#/definitions/Manifest", "definitions": definitions})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
