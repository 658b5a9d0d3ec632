"""The vault: keys, values stored encrypted, keyed digests for finding them, and masks for showing them (docs/keys.md)."""
