"""慈溪市, the region that the project carries with it."""
