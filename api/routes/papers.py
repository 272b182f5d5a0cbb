"""Everything of one vehicle's papers, its licence and its battery tests, over HTTP."""

from api.deps import Call
from api.models.battery_tests import BatteryTestIn, BatteryTestOut
from api.models.licences import LicenceIn, LicenceOut
from api.models.papers import PapersOut
from api.models.text import VinPath
from api.operation import Answer, IfMatch, Operations, version_of
from fleet.compliance import service as compliance
from fleet.registry import service as registry

operations = Operations("papers")


@operations.get("/vehicles/{vin}/papers")
def get_papers(call: Call, vin: VinPath) -> PapersOut:
    """Everything of a vehicle: its papers, what falls due, what forbids to hand it over now.

    Of a vehicle that was yours once: your own papers of it, and nothing that follows.
    """
    vehicle = registry.get_vehicle(call.conn, call.actor, vin=vin)
    return PapersOut.of(
        compliance.vehicle_papers(call.conn, call.actor, vehicle=vehicle, now=call.now)
    )


@operations.get("/vehicles/{vin}/licence", tells=["ETag"])
def get_licence(call: Call, vin: VinPath) -> Answer[LicenceOut]:
    """A vehicle's licence, as it was written down."""
    licence = compliance.get_licence(call.conn, call.actor, vin=vin)
    return Answer(LicenceOut.of(licence), version=licence.version)


@operations.put("/vehicles/{vin}/licence", tells=["ETag"])
def put_licence(
    call: Call, vin: VinPath, body: LicenceIn, if_match: IfMatch = None
) -> Answer[LicenceOut]:
    """Write down a licence as it is printed. If-Match: its ETag; `"0"` for the first."""
    licence = compliance.put_licence(
        call.conn, call.actor, vin=vin, licence=body.licence(version_of(if_match)), now=call.now
    )
    return Answer(LicenceOut.of(licence), version=licence.version)


@operations.get("/vehicles/{vin}/battery-tests")
def list_battery_tests(call: Call, vin: VinPath) -> list[BatteryTestOut]:
    """A vehicle's battery safety tests, the latest hundred first."""
    tests = compliance.list_battery_tests(call.conn, call.actor, vin=vin)
    return [BatteryTestOut.of(test) for test in tests]


@operations.post("/vehicles/{vin}/battery-tests", status=201, idempotent="paper.record")
def record_battery_test(call: Call, vin: VinPath, body: BatteryTestIn) -> BatteryTestOut:
    """Write down a battery safety test, in place of the one of the same day."""
    recorded = compliance.record_battery_test(
        call.conn,
        call.actor,
        vin=vin,
        test=body.test(),
        judged=body.result is None,
        cost_fen=body.cost_fen,
        now=call.now,
    )
    return BatteryTestOut.of(recorded)
