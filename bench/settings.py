"""The shipped settings, and one more address: the bare view that the list is compared with."""

from miaoce.settings import *  # noqa: F403 - everything, that is the point

ROOT_URLCONF = "bench.urls"
