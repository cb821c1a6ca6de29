"""Postgres: engine, tables and queries. One module per aggregate; functions take a session, flush, never commit."""
