"""The moments vehicles change hands, as everybody else asks for them.

Each part stands by itself: `acts` (out, back, swap), `evidence` (what speaks for and against it),
`moving` (what it does to the vehicle), `charging` (what is proposed to be charged), `views`.
Decisions stand in pure files: `driving.py` (who may drive what), `differences.py`, `proposals.py`,
`completeness.py`.
"""

from fleet.hand_overs.acts.service import Override, hand_out, swap, take_back
from fleet.hand_overs.charging.service import add_charge
from fleet.hand_overs.differences import Difference, Readings, Told
from fleet.hand_overs.importing.service import record_imported
from fleet.hand_overs.model import (
    Check,
    Direction,
    Finding,
    FindingKind,
    HandOver,
    HandOverDetail,
    NewWork,
    Occasion,
    Record,
    Result,
    StepAsked,
    Warned,
)
from fleet.hand_overs.views.service import (
    add_photo,
    get_hand_over,
    list_hand_overs,
    list_photos,
)

__all__ = [
    "Check",
    "Difference",
    "Direction",
    "Finding",
    "FindingKind",
    "HandOver",
    "HandOverDetail",
    "NewWork",
    "Occasion",
    "Override",
    "Readings",
    "Record",
    "Result",
    "StepAsked",
    "Told",
    "Warned",
    "add_charge",
    "add_photo",
    "get_hand_over",
    "hand_out",
    "list_hand_overs",
    "list_photos",
    "record_imported",
    "swap",
    "take_back",
]
