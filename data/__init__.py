"""The memory: tables, stored cases, views of them, and region packs."""
