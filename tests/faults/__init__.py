"""Faults: processes that are killed, databases that are stopped, disks, clocks and networks that do what they do."""
