"""Puts together what stands in a contract, as data for the layout: nothing in it is markup.

Pure: the same lease, parties, vehicles and text give the same facts. Leaves out how they are set
(`typesetting.py`, `contract.typ`) and how amounts are worded (`phrases.py`).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from fleet.contracts.model import (
    Clause,
    LeaseFacts,
    Particulars,
    Party,
    RentPeriod,
    Role,
    Signatory,
    Template,
    VehicleFacts,
)
from fleet.contracts.phrases import PER, amount_of, day_of, deposit_fen, phrases_of, rent_total
from fleet.contracts.placeholders import fill
from kit.money import yuan

MOST_PERIODS: Final = 60
"""What an annex lists; beyond, the rules of the contract say it."""
Facts = dict[str, Any]
ID_NAMES: Final = {
    "id_card": "居民身份证号",
    "passport": "护照号",
    "residence_permit": "外国人永久居留证号",
    "travel_permit": "通行证号",
    "business_licence": "统一社会信用代码",
    "other": "证件号",
}


def facts_of(
    lease: LeaseFacts,
    *,
    contract_no: str,
    template: Template,
    parties: tuple[Party, Party],
    vehicles: Sequence[VehicleFacts],
    particulars: Particulars,
    periods: Sequence[RentPeriod],
    rescission: Mapping[str, int],
    keeping_years: int,
    made_on: date,
) -> Facts:
    """All that is printed. `parties` are lessor and lessee; `vehicles` by line number."""
    lessor, lessee = parties
    phrases = phrases_of(
        lease,
        contract_no=contract_no,
        particulars=particulars,
        lessee_name=lessee.name,
        rescission=rescission,
        keeping_years=keeping_years,
    )
    clauses = [_clause(clause, phrases) for clause in template.clauses]
    return {
        "title": template.title,
        "contract_no": contract_no,
        "template": f"{template.code}/{template.edition}",
        "made_on": day_of(made_on),
        "signed_in": particulars.signed_in,
        "parties": [
            {"role": "甲方（出租人）", "name": lessor.name, "rows": _rows(lessor, pays=True)},
            {"role": "乙方（承租人）", "name": lessee.name, "rows": _rows(lessee, pays=False)},
        ],
        "summary": _summary(lease, phrases),
        "vehicles": _vehicles(lease.terms, vehicles),
        "clauses": clauses,
        "remarks": _paragraphs(lease.terms["remarks"]),
        "periods": _periods(periods),
        "highlighted": [[one["no"], one["heading"]] for one in clauses if one["highlighted"]],
        "acknowledged": None,
        "signing": None,
        "unshown": [],
    }


def _clause(clause: Clause, phrases: Mapping[str, str]) -> Facts:
    return {
        "no": int(clause.no),
        "heading": fill(clause.heading, phrases),
        "paragraphs": [fill(text, phrases) for text in clause.paragraphs],
        "highlighted": clause.highlighted,
    }


def _rows(party: Party, *, pays: bool) -> list[list[str | None]]:
    """What is said of a side; None leaves a line to write on."""
    company = party.kind == "company"
    id_type = party.id_type or ("business_licence" if company else "id_card")
    rows: list[list[str | None]] = [
        ["名称" if company else "姓名", party.name],
        [ID_NAMES[id_type], party.id_masked],
        ["住所" if company else "住址", party.address],
        ["联系电话", party.phone],
    ]
    if company:
        rows.insert(2, ["法定代表人/授权代表", party.representative])
    if party.email:
        rows.append(["电子邮箱", party.email])
    if pays:
        rows.append(["收款账户", party.account])
    return rows


def _summary(lease: LeaseFacts, phrases: Mapping[str, str]) -> list[list[str]]:
    """The figures at a glance, before the clauses that say them in full."""
    terms = lease.terms
    rows = [
        ["租约编号", lease.lease_no],
        ["租赁期限", f"{phrases['term']}（{phrases['starts_on']}至{phrases['ends_on']}）"],
        ["租金合计", rent_total(terms)],
        ["押金合计", amount_of(deposit_fen(terms))],
        ["应付日", phrases["payment_day_rule"]],
    ]
    if terms["buy_out"] is not None:
        rows.append(["以租代购", phrases["buy_out_rule"]])
    return rows


def _vehicles(terms: Mapping[str, Any], vehicles: Sequence[VehicleFacts]) -> list[list[str]]:
    """A row a line: number, model, VIN, plate, rent, deposit, kilometres a period."""
    known = {one.line_no: one for one in vehicles}
    rows = []
    for line in terms["lines"]:
        vehicle = known.get(line["no"], VehicleFacts(line["no"]))
        mileage = line["mileage"]
        rows.append(
            [
                str(line["no"]),
                vehicle.model or line["model_code"] or "",
                vehicle.vin or "交车时确定",
                vehicle.plate or "",
                f"{yuan(int(line['rent_fen']))}/{PER[line['per']]}",
                yuan(int(line["deposit_fen"])),
                "不限" if mileage is None else f"{mileage['included_km']:,}",
            ]
        )
    return rows


def _paragraphs(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def _periods(periods: Sequence[RentPeriod]) -> list[list[str]] | None:
    """The annex of rents; None where there are too many, or nobody knows when they end."""
    if not 0 < len(periods) <= MOST_PERIODS:
        return None
    return [
        [
            str(one.no),
            f"{day_of(one.from_on)}—{day_of(one.last_on)}",
            day_of(one.due_on),
            yuan(one.rent_fen),
        ]
        for one in periods
    ]


def parties_of(lease: LeaseFacts, lessee: Party, particulars: Particulars) -> tuple[Party, Party]:
    """Lessor and lessee, with what was told of them beside what is kept."""
    lessor = Party(
        name=particulars.lessor_name or lease.organisation_name,
        kind="company",
        id_type="business_licence",
        id_masked=particulars.lessor_credit_code,
        phone=particulars.lessor_phone,
        address=particulars.lessor_address,
        representative=particulars.lessor_representative,
        account=particulars.lessor_account,
    )
    return lessor, lessee


def signatories_of(parties: tuple[Party, Party]) -> list[Signatory]:
    """Who is to sign."""
    roles: tuple[Role, ...] = ("lessor", "lessee")
    return [
        Signatory(
            no=no,
            role=role,
            name=party.name,
            id_type=party.id_type,
            id_masked=party.id_masked,
            authority=party.representative,
        )
        for no, (role, party) in enumerate(zip(roles, parties, strict=True), 1)
    ]
