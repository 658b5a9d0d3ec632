"""The one way a rule says no. Each door translates a Refusal in one place; anything else that is raised is a bug."""

from typing import Any, ClassVar


class Refusal(Exception):
    """A rule of the register refuses what was asked.

    `code` is stable and never changes its meaning; `message` is what a person reads (Chinese, ux.md §7 wording);
    `http` is the status a door that speaks HTTP answers with; `facts` are the values the message was made from.
    """

    code: ClassVar[str] = "REFUSED"
    message: ClassVar[str] = "这一步现在办不了。"
    http: ClassVar[int] = 409

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        super().__init__(self.message.format(**facts))
