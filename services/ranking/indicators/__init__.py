"""How an assignment counts in a month: one file an indicator, its rule in Python and beside it the same rule in SQL."""
