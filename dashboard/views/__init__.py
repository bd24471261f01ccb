"""Drawing: pure functions from rows to components or to data for tables and scripts. Nothing here reads anything."""
