"""Messages to guardians: what waits to be sent, and what was."""

from django.db import models
from django.db.models import Q

from miaoce.registry.ids import new_id
from miaoce.registry.vault.fields import SealedField

WAITING, SENT, GIVEN_UP = "waiting", "sent", "given_up"


class Message(models.Model):
    """One message to one guardian. It names nobody; because it may hold a code, its text is sealed and goes once it was sent.

    The phone is read when the message is sent, and stands only with the guardian. `about` says of what kind and which case.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    child_id = models.UUIDField()
    guardian_id = models.UUIDField()
    kind = models.CharField(max_length=30)
    case_id = models.UUIDField()
    text = SealedField(null=True)
    state = models.CharField(max_length=10, default=WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField()
    not_before_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[WAITING, SENT, GIVEN_UP]), name="message_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=SENT, sent_at__isnull=False) | (~Q(state=SENT) & Q(sent_at__isnull=True)),
                name="message_sent_when_its_state_says_so",
            ),
        ]
        indexes = [
            models.Index(fields=["not_before_at", "id"], name="message_to_send", condition=Q(state=WAITING)),
            models.Index(fields=["case_id", "id"], name="message_by_case"),
        ]

    class Privacy:
        scrub = {"text": None}
        keep = {
            "id", "child_id", "guardian_id", "kind", "case_id", "state", "tries", "made_at", "not_before_at", "sent_at",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} {self.state} {self.id}"
