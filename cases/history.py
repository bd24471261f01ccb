"""The state of a case is the fold of its events, ordered by (occurred_at, revision)."""
