"""Probe."""
import pytest
from schemathesis.engine import from_schema  # noqa
from tests.api import test_schema as t
from tests.api.test_schema import api  # noqa

@pytest.mark.parametrize("storage", ["postgresql"], indirect=True, scope="module")
@pytest.mark.timeout(500)
def test_mine(api, monkeypatch):
    real=t.schemathesis.openapi.from_dict
    def narrowed(*a,**k):
        return real(*a,**k).include(path_regex=r"/(alert-rules|alert-kinds|vehicle-groups|geofences)")
    monkeypatch.setattr(t.schemathesis.openapi,"from_dict",narrowed)
    run=t.ask(api, login=t.OWNER, examples=25, sequences=4)
    print({k:dict(v) for k,v in run.statuses.items()})
    for f in run.failures: print(f[:1500]); print("-----")
    assert run.failures == []
