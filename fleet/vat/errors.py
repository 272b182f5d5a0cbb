"""What is not allowed with taxpayers."""

from kit.errors import Invalid


class SimplifiedIsGeneral(Invalid):
    """Only a general taxpayer chooses 简易计税; a small-scale one has it anyway."""

    code = "simplified_is_general"
    field = "simplified"
