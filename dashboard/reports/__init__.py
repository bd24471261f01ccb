"""Reports that leave the house as one file each: they need no server and no other file."""
