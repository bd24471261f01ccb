"""Cookies: no script reads them, no other site's page sends them, and over https they never travel without."""

from starlette.responses import Response

KIOSK_SECONDS = 400 * 86_400
"""As long as browsers keep a cookie at most: a wall is opened once."""


def set_cookie(
    response: Response, name: str, value: str, seconds: int | None, *, secure: bool, path: str = "/"
) -> None:
    """Have the browser keep something; without `seconds` until it is closed."""
    response.set_cookie(name, value, max_age=seconds, path=path, secure=secure, httponly=True, samesite="lax")


def drop_cookie(response: Response, name: str, *, secure: bool, path: str = "/") -> None:
    """Have the browser forget something."""
    response.delete_cookie(name, path=path, secure=secure, httponly=True, samesite="lax")
