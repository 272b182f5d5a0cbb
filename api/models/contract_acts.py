"""What is told of contracts over HTTP: beside the lease, and who got or understood them."""

from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field

from api.models.contract_templates import TemplateCode
from api.models.text import Input, Instant, Line, Name, plain_text
from fleet.contracts.model import Channel
from fleet.contracts.service import Particulars

Party = Annotated[
    str,
    Field(min_length=1, max_length=100, description="Who: a name."),
    AfterValidator(plain_text),
]


class ContractIn(Input):
    """What a contract says that no table has; what is left out is a line to write on."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"lessor_credit_code": "91440300MA5EQXL178", "signed_in": "深圳市南山区"}
        }
    )

    template: TemplateCode | None = Field(None, description="[the one for the kind of lease]")
    lessor_name: Name | None = Field(None, description="[the name of the organisation]")
    lessor_credit_code: Name | None = None
    lessor_address: Line | None = None
    lessor_phone: Name | None = None
    lessor_representative: Name | None = None
    lessor_account: Line | None = Field(None, description="Where rent is paid to.")
    lessee_representative: Name | None = None
    signed_in: Name | None = Field(None, description="Place of signing.")
    jurisdiction: Name | None = Field(None, description="[甲方住所地人民法院]")

    def particulars(self) -> Particulars:
        """As the service takes it."""
        return Particulars(**self.model_dump(exclude={"template"}))


class Passing(Input):
    """Who got or was shown a contract, on which way, when."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"party": "王龘", "channel": "message", "at": None}}
    )

    party: Party
    channel: Channel
    at: Instant | None = Field(None, description="[now]; told, it is not by our clock.")


class Acknowledgement(Passing):
    """Who understood the highlighted clauses."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "party": "王龘",
                "channel": "in_person",
                "clauses": ["4", "12", "14", "15", "16", "17"],
            }
        }
    )

    clauses: list[Annotated[str, Field(min_length=1, max_length=4)]] = Field(
        max_length=200, description="All of `highlighted`."
    )


class Voiding(Input):
    """Why an edition counts no more."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "车型写错"}})

    reason: Line
