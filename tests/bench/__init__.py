"""Figures: printed beside their peers in the same run, never a reason to fail."""
