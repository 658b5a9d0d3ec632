"""Keys, values stored encrypted, keyed digests to find them by, and masks to show them (docs/keys.md)."""
