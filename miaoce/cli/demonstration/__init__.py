"""The demonstration place: an invented province, its kindergartens, people and children (docs/demo.md)."""
