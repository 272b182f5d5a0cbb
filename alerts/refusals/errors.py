"""What is not there among refusals."""

from kit.errors import NotFound


class AlertRefusalNotFound(NotFound):
    """No refusal in sight has this number."""

    code = "alert_refusal_not_found"
