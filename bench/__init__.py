"""What is measured, and how: `make bench`, or `.venv/bin/python -m bench --small` for a quick run (docs/performance.md)."""
