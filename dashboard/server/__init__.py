"""Putting it together: `create_app` is the only place that chooses real parts."""

from dashboard.server.composition import create_app

__all__ = ["create_app"]
