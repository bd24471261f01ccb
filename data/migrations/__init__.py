"""Versions of the tables, run by `data.engine.migrate`."""
