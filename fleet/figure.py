"""What the figures of a parameter are: a name, what it means, and fields of a type."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Figures(BaseModel):
    """What a parameter holds from a day on."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    name: ClassVar[str]
    meaning: ClassVar[str]
    chinese: ClassVar[str]
