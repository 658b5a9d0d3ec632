"""The one Django app of the register."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """All rooms share this app and its one line of migrations."""

    name = "miaoce.registry"
    label = "registry"
    verbose_name = "学前儿童学籍"
    default_auto_field = "django.db.models.BigAutoField"
