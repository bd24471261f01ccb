"""A real identity provider as a process: that of `oidc-provider-mock`, made to insist on PKCE as providers do.

``python -m tests.access.provider PORT``. ``PUT /users/<sub>`` says what it knows of somebody; whoever posts
``sub=<sub>`` to the address to which a browser is sent has signed in.
"""

import os
import sys
from typing import Any

CHALLENGES: dict[str, str] = {}


def main(port: int) -> None:
    """Serve until killed."""
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # it speaks http, on this machine alone
    # Imported by this process alone: its libraries warn of what will change in them.
    import oidc_provider_mock._app as provider  # noqa: PLC0415
    from authlib.oauth2.rfc6749.errors import InvalidGrantError  # noqa: PLC0415
    from authlib.oauth2.rfc7636 import create_s256_code_challenge  # noqa: PLC0415
    from werkzeug.serving import run_simple  # noqa: PLC0415

    grant = provider.AuthorizationCodeGrant
    save, validate = grant.save_authorization_code, grant.validate_token_request

    def save_code(self: Any, code: str, request: Any) -> None:
        asked = request.payload.data
        if asked.get("code_challenge_method") != "S256" or not asked.get("code_challenge"):
            raise InvalidGrantError("no code_challenge by S256")
        CHALLENGES[code] = asked["code_challenge"]
        save(self, code, request)

    def validate_request(self: Any) -> Any:
        form = self.request.form
        if create_s256_code_challenge(form.get("code_verifier", "")) != CHALLENGES.get(form.get("code", "")):
            raise InvalidGrantError("the code_verifier does not fit")
        return validate(self)

    grant.save_authorization_code, grant.validate_token_request = save_code, validate_request
    run_simple("127.0.0.1", port, provider.app(require_nonce=True), threaded=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
