"""Boundary files into region packs: checked against what is in force, written as a new version, all or nothing."""

from data.boundary_import.checking import check_file, check_step
from data.boundary_import.wanted import Checked, Refused, Wanted
from data.boundary_import.writing import Written, write_step, write_version

__all__ = ["Checked", "Refused", "Wanted", "Written", "check_file", "check_step", "write_step", "write_version"]
