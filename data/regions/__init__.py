"""Region packs: one folder a place."""
