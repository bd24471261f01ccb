"""The map: coordinates, areas, coverage and location. It knows nothing of cases, tables or the web."""
