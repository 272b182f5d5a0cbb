"""The OpenAPI document as a page to read and try, with nothing loaded from elsewhere.

The page's scripts come with a package: an operator's network may not reach the usual CDN.
"""

from importlib.resources import files
from typing import Final

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

ASSETS: Final = "/manual-assets"
PATH: Final = "/api/v1/docs"


def install(app: FastAPI) -> None:
    """Serve the page and what it needs."""
    folder = files("fastapi_offline") / "static"
    app.mount(ASSETS, StaticFiles(directory=str(folder)), name="manual assets")

    @app.get(PATH, include_in_schema=False)
    def read_manual() -> HTMLResponse:
        """The manual."""
        return get_swagger_ui_html(
            openapi_url=app.openapi_url or "",
            title=app.title,
            swagger_js_url=f"{ASSETS}/swagger-ui-bundle.js",
            swagger_css_url=f"{ASSETS}/swagger-ui.css",
            swagger_favicon_url=f"{ASSETS}/favicon.png",
        )
