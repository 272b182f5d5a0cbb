"""The codes of problems, so that programs and their authors know them all."""

from api.deps import Call
from api.messages import MESSAGES
from api.models.problem import ProblemKind
from api.operation import Operations
from api.statuses import known_codes

operations = Operations("problems")


@operations.get("/problems", public=True)
def list_problems(call: Call) -> list[ProblemKind]:  # noqa: ARG001  (whoever asks may know)
    """Every code a problem can have, its status, and its title in both languages.

    `type` of a problem is this path, a hash and the code.
    """
    return [
        ProblemKind(code=code, status=status, title=MESSAGES[code].en, title_zh=MESSAGES[code].zh)
        for code, status in sorted(known_codes().items())
        if code in MESSAGES
    ]
