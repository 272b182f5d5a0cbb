"""What is not allowed with odometers, purchases and places of vehicles."""

from kit.errors import Conflict, Invalid, NotFound, Refused


class OdometerReadAlready(Conflict):
    """The odometer was written down for this very instant already."""

    code = "odometer_read_already"
    field = "read_at"


class PurchaseNotFound(NotFound):
    """Nobody in sight has written down what the vehicle was bought for."""

    code = "purchase_not_found"


class PurchaseNotYours(Refused):
    """A purchase is its owner's business."""

    code = "purchase_not_yours"


class PurchaseIncomplete(Invalid):
    """A vehicle that is written off has a useful life and a residual value."""

    code = "purchase_incomplete"
    field = "useful_life_months"


class DepotNotOfOperator(Refused):
    """A depot is the vehicle's operator, or stands below it."""

    code = "depot_not_of_operator"
    field = "depot"


class PoolingNotYours(Refused):
    """Only its owner offers a vehicle to the organisations below."""

    code = "pooling_not_yours"
    field = "pooled"


class TagsTooMany(Invalid):
    """There are more tags than fit, or one is too long."""

    code = "tags_too_many"
    field = "tags"
