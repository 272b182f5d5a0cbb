"""What figures of law do not allow."""

from kit.errors import Invalid, NotFound, Refused


class ParameterNotFound(NotFound):
    """There are no figures of this name."""

    code = "parameter_not_found"


class ParameterNotYours(Refused):
    """What binds a whole tenant is set by its head, not by one of its regions."""

    code = "parameter_not_yours"


class FiguresInvalid(Invalid):
    """The figures are not what their name holds."""

    code = "figures_invalid"
    field = "body.content"
