"""Finding entries by their links, and addresses by their parts

Revision: 0007
"""

from string import punctuation

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SEARCHED = "(((what || ' '::text) || COALESCE(impact, ''::text)) || ' '::text) || COALESCE(snippet, ''::text)"
SIGNS = punctuation.replace("'", "''")
SPLIT = (
    f"translate((({SEARCHED}) || ' '::text) || joined(links), '{SIGNS}'::text, repeat(' '::text, {len(punctuation)}))"
)
ENGLISH, SIMPLE = "to_tsvector('english'::regconfig, {})", "to_tsvector('simple'::regconfig, {})"
# array_to_string is only stable, because of elements of other types than text.
JOINED = """
CREATE OR REPLACE FUNCTION joined(text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN array_to_string($1, ' ')
"""


def upgrade() -> None:
    op.execute(JOINED)
    _generate(f"{ENGLISH.format(SEARCHED)} || {SIMPLE.format(SPLIT)}")


def downgrade() -> None:
    _generate(f"{ENGLISH.format(SEARCHED)} || {SIMPLE.format(SEARCHED)}")
    op.execute("DROP FUNCTION joined(text[])")


def _generate(words: str) -> None:
    op.drop_column("entries", "words")  # and its index
    op.add_column("entries", sa.Column("words", TSVECTOR(), sa.Computed(words, persisted=True), nullable=False))
    op.create_index("ix_entries_words", "entries", ["words"], unique=False, postgresql_using="gin")
