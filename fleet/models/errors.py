"""What the catalogue of models does not allow."""

from kit.errors import Conflict, Invalid, NotFound, Refused


class ModelNotFound(NotFound):
    """No model has this code."""

    code = "model_not_found"


class ModelExists(Conflict):
    """A model has this code already."""

    code = "model_exists"
    field = "code"


class ModelNameTaken(Conflict):
    """Another model has this name."""

    code = "model_name_taken"
    field = "name"


class ModelCodeMalformed(Invalid):
    """A code is 1–63 of a–z, 0–9 and hyphen."""

    code = "model_code_malformed"
    field = "code"


class ModelsKeptByHead(Refused):
    """The catalogue is kept by the head of the tree, for all below."""

    code = "models_kept_by_head"


class CareMalformed(Invalid):
    """The model's care of idle vehicles does not fit together, or has unknown figures."""

    code = "care_malformed"
    field = "care"
