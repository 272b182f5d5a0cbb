"""The manual is there for whoever has no credential, and loads nothing from elsewhere."""

import re

from fastapi.testclient import TestClient


def test_the_manual_brings_its_own_scripts(client: TestClient) -> None:
    page = client.get("/api/v1/docs")
    assert page.status_code == 200
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert loaded == [
        "/manual-assets/swagger-ui.css",
        "/manual-assets/favicon.png",
        "/manual-assets/swagger-ui-bundle.js",
    ]
    assert {path: client.get(path).status_code for path in loaded} == dict.fromkeys(loaded, 200)
