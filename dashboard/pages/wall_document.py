"""The wall's document: the page whole, the addresses of its geometry, and only those scripts that draw it.

Everything else that Dash needs is loaded by assets/js/wall_later.js once the map is drawn: nothing of it is seen.
"""

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from dash import html

from dashboard import text
from dashboard.pages import common, wall
from dashboard.services import Services
from dashboard.settings import ASSETS
from dashboard.text import say
from dashboard.views.markup import markup

STREAM_URL = "/api/v1/stream"
REGION_URL = "/api/v1/region"
TAG = re.compile(r"<(?:script|link)[^>]*?(?:src|href)=\"([^\"]+)\"[^>]*>")
# Clientside callbacks that Dash itself registers.
INLINE = re.compile(r"<script>.*?</script>", re.DOTALL)
# In the order in which they are needed: Leaflet comes with dash-leaflet, which wants React to be there.
LIBRARIES = ("react@", "prop-types@", "dash_leaflet/dash_leaflet")
SCRIPTS = re.compile(
    r"/assets/js/(00-core|03-door|03-theme|countdown|coverage|feed|figures|ground|i18n|labels|map|measures|nav|palette"
    r"|places|pulses|stream|wall\w*)\.js"
)
STYLES = re.compile(r"/assets/css/[1-4]0-")
INERT = "text/plain"
WORDS = ("level.", "time.", "connection.", "event.", "wall.", "legend.")
DOCUMENT = """<!DOCTYPE html>
<html lang="{lang}" data-theme="{theme}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark light">
<title>{title}</title>
<link rel="icon" href="{icon}" type="image/svg+xml">
{css}
{preloads}
</head>
<body class="wall-page">
<noscript>{no_script}</noscript>
{body}
{scripts}
{app_entry}
<div hidden>{config}
{inline}
{later}
{renderer}
</div>
</body>
</html>
"""


def config_of(services: Services, language: str, worker: str) -> dict[str, Any]:
    """Gather what the scripts of every page must know, but for the words."""
    return {
        "build": services.build,
        "language": language,
        "zone": str(services.region.zone),
        "stream": STREAM_URL,
        "region": REGION_URL,
        "worker": worker,
    }


class Written:
    """Writes the document; the names that it needs are gathered once."""

    def __init__(self, services: Services, shown: common.Shown, worker: str) -> None:
        self._services, self._shown, self._worker = services, shown, worker
        self._book = common.book_of(services)
        # Named by its content, as every other file: a wall that is loaded again asks for none.
        self._icon = f"/assets/icon.svg?m={sha256((ASSETS / 'icon.svg').read_bytes()).hexdigest()[:12]}"

    def document(self, language: str, theme: str, person: Mapping[str, Any], parts: Mapping[str, str]) -> str:
        """Write it for one visitor.

        Parameters
        ----------
        person
            Who has signed in, for the scripts.
        parts
            What Dash would put into its own index.
        """
        sources = TAG.findall(parts["scripts"])
        libraries = [next(source for source in sources if name in source) for name in LIBRARIES]
        own = [source for source in sources if SCRIPTS.match(source)]
        gone = {*libraries, *own}
        later = [s for s in sources if s not in gone and "/assets/" not in s]
        words = {key: say(key, language) for key in text.WORDS if key.startswith(WORDS)}
        config = config_of(self._services, language, self._worker)
        config |= {"words": words, "person": person} | wall.first(self._services, self._book, language)
        told = html.Div(id="first-config", hidden=True, **{"data-config": json.dumps(config, ensure_ascii=False)})
        return DOCUMENT.format(
            lang=language,
            theme=theme,
            title=parts["title"],
            icon=self._icon,
            css="\n".join(f'<link rel="stylesheet" href="{s}">' for s in TAG.findall(parts["css"]) if STYLES.match(s)),
            preloads="\n".join(map(preload, self._geometry())),
            no_script=say("shell.no_script", language),
            body=markup([told, wall.document(self._shown, language)]),
            scripts="\n".join(f'<script src="{source}"></script>' for source in (*libraries, *own)),
            inline="\n".join(INLINE.findall(parts["scripts"])),
            app_entry=parts["app_entry"],
            config=parts["config"],
            # Inert until assets/js/wall_later.js makes scripts of them; Dash insists that they stand in its index.
            later="\n".join(f'<script type="{INERT}" src="{source}"></script>' for source in later),
            renderer=parts["renderer"].replace("application/javascript", INERT),
        )

    def _geometry(self) -> list[str]:
        geometry = self._services.geometry
        names = dict.fromkeys(("township", geometry.finest))
        found = [geometry.layers[name].url for name in names if name in geometry.layers]
        return [*found, geometry.context_url] if geometry.context_url else found


def preload(url: str) -> str:
    """Write a link that begins to fetch what the scripts will ask for by `fetch`."""
    return f'<link rel="preload" as="fetch" crossorigin="anonymous" href="{url}">'
