"""Lets `python -m monitor` do what the console script does."""

import sys

from monitor.cli import main

sys.exit(main())
