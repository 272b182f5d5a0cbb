"""Organisations over HTTP."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.models.text import Code, Input, Name
from fleet.orgs.model import Organisation

EXAMPLE: dict[str, Any] = {
    "code": "shenzhen-nanshan",
    "name": "南山车场",
    "parent": "shenzhen-qianxing",
    "time_zone": "Asia/Shanghai",
    "version": 1,
}


class OrganisationOut(BaseModel):
    """One node of the tree."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    code: str
    name: str
    parent: str | None = Field(description="The one above; null where it is out of your sight.")
    time_zone: str = Field(description="Zone of its business dates.")
    version: int = Field(ge=1)

    @classmethod
    def of(cls, organisation: Organisation) -> "OrganisationOut":
        """As the service gives it."""
        return cls(
            code=organisation.code,
            name=organisation.name,
            parent=organisation.parent_code,
            time_zone=organisation.time_zone,
            version=organisation.version,
        )


Zone = Annotated[
    str,
    Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_+/-]+$", examples=["Asia/Shanghai"]),
]


class OrganisationIn(Input):
    """A new organisation."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "code": "shenzhen-nanshan",
                "name": "南山车场",
                "parent": "shenzhen-qianxing",
            }
        }
    )

    code: Code
    name: Name
    parent: Code = Field(description="The organisation it stands below.")
    time_zone: Zone = Field("Asia/Shanghai", description="IANA name of a zone.")


class OrganisationChange(Input):
    """What is to change; what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"example": {"name": "南山二号车场"}})

    name: Name | None = None
    time_zone: Zone | None = None


class OrganisationMove(Input):
    """Where it is to stand."""

    model_config = ConfigDict(json_schema_extra={"example": {"parent": "shenzhen-qianxing"}})

    parent: Code
