"""What tests of install share."""

from markdown_it import MarkdownIt

from tests.support.processes import ROOT

DOCUMENT = (ROOT / "docs/install.md").read_text()

Step = tuple[str, str]


def steps(section: str, document: str = DOCUMENT) -> list[Step]:
    """What a section says to do and to see: the kind of each block (`sh`, `env`, `text`, `slack`, `quote`) and text."""
    tokens = MarkdownIt().parse(document)
    found: list[Step] = []
    here = ""
    for before, token in zip([tokens[0], *tokens], tokens, strict=False):
        if before.type == "heading_open":
            here = token.content
        elif here == section and token.type == "fence":
            found.append((token.info, token.content.strip()))
        elif here == section and token.type == "inline" and token.level == 2 and before.level == 1:
            found.append(("quote", token.content))
    assert found, f"the document has no section {section}"
    return found
