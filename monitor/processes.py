"""Whether another process of this machine still runs, to tell what a killed one left from what is in use."""

import os


def is_running(process: int) -> bool:
    """Tell whether a process of that number runs."""
    try:
        os.kill(process, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return True
