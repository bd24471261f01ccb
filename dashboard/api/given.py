"""What every route is given, and how it answers."""

from typing import Annotated, Any

import orjson
from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response

from dashboard.services import Services


async def services_of(request: Request) -> Services:
    """Give the parts of the application; not a plain `def`, which would cost a thread per request."""
    services: Services = request.app.state.services
    return services


Given = Annotated[Services, Depends(services_of)]


def missing(field: str) -> RequestValidationError:
    """Give the error of a body without a field that only some have to send."""
    return RequestValidationError([{"type": "missing", "loc": ("body", field), "msg": "Field required", "input": None}])


class Json(Response):
    """JSON by orjson: instants as ISO 8601, Chinese unescaped, NaN as null."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Serialise the content."""
        return orjson.dumps(content, option=orjson.OPT_UTC_Z | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS)
