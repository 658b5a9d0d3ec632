"""The one Django app of the register."""

import gc

from django.apps import AppConfig

COLLECT_AFTER = (
    50_000  # objects; a batch of 5,000 rows holds far more, and collecting at each 700 took a third of its time
)


class RegistryConfig(AppConfig):
    """All rooms share this app and its one line of migrations."""

    name = "miaoce.registry"
    label = "registry"
    verbose_name = "学前儿童学籍"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let the collector of cyclic garbage wait for batches to grow, in web, worker and commands alike."""
        gc.set_threshold(COLLECT_AFTER, 20, 20)
