"""What a client accepts and what it already has."""

FOREVER = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"  # may be kept, must be asked for: costs one 304


def encoding_for(accept_encoding: str) -> str:
    """Choose the encoding for an Accept-Encoding header: ``br``, ``gzip`` or ``identity``."""
    allowed = {}
    for part in accept_encoding.lower().split(","):
        name, _, parameters = part.strip().partition(";")
        quality = parameters.strip().removeprefix("q=") or "1"
        allowed[name.strip()] = quality.replace(".", "", 1).isdigit() and float(quality) > 0
    return next((name for name in ("br", "gzip") if allowed.get(name, allowed.get("*", False))), "identity")


def matches(if_none_match: str, etag: str) -> bool:
    """Say whether a validator that the client sends is ours; weak ones compare like strong ones (RFC 9110, 13.1.2)."""
    return any(tag.strip().removeprefix("W/") in (etag, "*") for tag in if_none_match.split(","))
