"""What was earned, reckoned from the lines day by day: what figures are compared with.

Slow and plain, and from the same rows: lines of issued bills and of credit notes.
"""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from psycopg import Connection

from fleet.billing.postings import month_shares
from fleet.earnings.model import BY_DAY, EARNING

Group = tuple[date, int, int | None, str]
"""Month, organisation, vehicle, kind."""

LINES = """
SELECT b.organisation_id, l.vehicle_id, l.kind, l.net_fen, l.from_on, l.until_on, b.issued_on,
       b.issued_at
FROM bills b JOIN bill_lines l ON l.bill_id = b.id
WHERE b.state = 'issued'
UNION ALL
SELECT n.organisation_id, l.vehicle_id, l.kind, -c.net_fen, c.from_on, c.until_on, n.issued_on,
       n.issued_at
FROM credit_notes n
JOIN credit_note_lines c ON c.credit_note_id = n.id
JOIN bill_lines l ON l.bill_id = c.bill_id AND l.no = c.bill_line_no
"""


def earned_by_days(
    conn: Connection[Any], from_on: date, until_on: date, *, known_at: datetime
) -> dict[Group, int]:
    """Fen net of VAT of each group of which a day lies in [from_on, until_on)."""
    found: Counter[Group] = Counter()
    groups: set[Group] = set()
    for (
        organisation_id,
        vehicle_id,
        kind,
        net_fen,
        begin,
        end,
        issued_on,
        issued_at,
    ) in conn.execute(LINES):
        if kind not in EARNING or not net_fen or issued_at > known_at:
            continue
        span = (issued_on, issued_on + timedelta(days=1))
        if kind in BY_DAY and begin is not None:
            span = (begin, end)
        for last, share_fen in month_shares(net_fen, *span):
            first = max(span[0], last.replace(day=1))
            days = (last - first).days + 1
            before, after = (
                0 if on <= issued_on else max(0, min((on - first).days, days))
                for on in (from_on, until_on)
            )
            if after > before:
                group = (max(first, issued_on).replace(day=1), organisation_id, vehicle_id, kind)
                groups.add(group)
                found[group] += _part(share_fen, after, days) - _part(share_fen, before, days)
    return {group: found[group] for group in groups}


def _part(share_fen: int, of: int, days: int) -> int:
    """So many days of all, towards nothing."""
    return abs(share_fen) * of // days * (1 if share_fen > 0 else -1)
