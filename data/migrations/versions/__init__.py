"""One file per version, oldest first; a version that has been published is never changed."""
