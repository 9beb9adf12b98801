"""The sentiment model: reads one post about one named shop and says what the writer feels toward that shop.

Knows nothing of monitor or dashboard. Importing this package imports no torch; models.sentiment.load() does.
"""
