"""One file per page; app.py holds the table of them."""
