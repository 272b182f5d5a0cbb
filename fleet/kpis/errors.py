"""What is not asked of figures."""

from kit.errors import Invalid


class KpiDayAhead(Invalid):
    """Nobody knows the figure of a day that is to come."""

    code = "kpi_day_ahead"
    field = "query.on"


class KpiSpanEmpty(Invalid):
    """The span ends before it begins."""

    code = "kpi_span_empty"
    field = "query.until_on"


class KpiSpanTooLong(Invalid):
    """More than ten years at once."""

    code = "kpi_span_too_long"
    field = "query.until_on"


class KpiSpanUnclear(Invalid):
    """A month and a span, or half a span."""

    code = "kpi_span_unclear"
    field = "query.month"
