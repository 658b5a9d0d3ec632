"""The parts pages are made of: what they are (parts), how they read (formats, states) and how they are drawn (tags)."""
