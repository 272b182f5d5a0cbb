"""What customers were sent is kept as long as dunning may point to it."""

from datetime import timedelta

from tests.alerts.notify.conftest import mail, receiver
from tests.alerts.notify.test_reminders import Desk, desk
from tests.alerts.retention.test_retention import prune
from tests.fixtures.receivers import MailServer
from tests.fleet.conftest import fleet
from tests.fleet.dunning.conftest import lender, office, settle

__all__ = ["desk", "fleet", "lender", "mail", "office", "receiver"]


def test_the_proof_of_a_delivery_stays(desk: Desk, mail: MailServer) -> None:
    assert desk.all().results == {"sent": 1}
    assert len(mail.mails) == 1
    settle(desk.conn, desk.bill_no, desk.clock.date())
    assert prune(desk.conn, desk.clock + timedelta(days=5_000)) == {}
    proofs = desk.conn.execute(
        "SELECT count(*) FROM dunning_deliveries d"
        " JOIN notification_messages m ON m.key::text = d.proof"
    ).fetchone()
    assert proofs == (1,)


def test_one_that_was_given_up_goes_once_its_bill_is_settled(desk: Desk) -> None:
    desk.remind()
    desk.gather()
    desk.conn.execute("UPDATE notification_messages SET state = 'dead'")
    assert prune(desk.conn, desk.clock + timedelta(days=5_000)) == {}
    settle(desk.conn, desk.bill_no, desk.clock.date())
    assert prune(desk.conn, desk.clock + timedelta(days=5_000)) == {"messages": 1}
    assert desk.remind() == 0, "nobody is reminded again"
