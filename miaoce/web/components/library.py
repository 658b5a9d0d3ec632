"""The one template library that all component modules fill."""

from django import template

register = template.Library()
