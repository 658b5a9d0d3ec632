"""Every door, every route, every method, every identity, every id: who gets what.

`routes.py` and `operations.py` say what is expected, `world.py` makes the place it is asked of, the tests ask.
"""
