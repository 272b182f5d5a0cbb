"""Probe."""
from pathlib import Path
import pytest
from tests.api import test_schema as t
from tests.api.test_schema import api  # noqa

@pytest.mark.parametrize("storage", ["postgresql"], indirect=True, scope="module")
@pytest.mark.timeout(560)
def test_mine(api, monkeypatch):
    real=t.schemathesis.openapi.from_dict
    def narrowed(*a,**k):
        return real(*a,**k).include(path_regex=r"/notification")
    monkeypatch.setattr(t.schemathesis.openapi,"from_dict",narrowed)
    run=t.ask(api, login=t.OWNER, examples=6, sequences=0)
    out=[str({k:dict(v) for k,v in run.statuses.items()})]+[f[:1500] for f in run.failures]
    Path("/tmp/h8_probe.txt").write_text("\n-----\n".join(out))
