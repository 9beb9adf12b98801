"""What `streamlit run` starts: the pages of app.py, with the doors of login and downloads beside them.

Streamlit looks for a variable named `app`, so this one file does work when it is imported.
"""

import gc
import logging
from importlib import import_module
from pathlib import Path

import streamlit as st
from altair.utils import schemapi

# The caches are declared before the runtime is there, which the log would tell of at each start.
logging.getLogger("streamlit.runtime.caching.cache_data_api").addFilter(
    lambda record: "No runtime found" not in record.getMessage()
)
from dashboard import door, taking  # noqa: E402

app = st.App(
    Path(__file__).with_name("app.py"),
    routes=[*door.routes(), *taking.routes()],
    secrets=door.provider_secrets() or None,
)

# What pages need is read now, not by the first who opens one.
for name in ("app", "charts", "judging", "listing"):
    import_module(f"dashboard.{name}")

# Charts are held against their schema in tests; for a reader that takes longer than drawing them.
schemapi.disable_debug_mode()

# What stands here already never becomes garbage: looking for it again would hold up everybody.
gc.collect()
gc.freeze()
