"""What `streamlit run` starts: the pages of app.py, with the door of the login beside them.

Streamlit looks for a variable named `app`, so this one file does work when it is imported.
"""

from pathlib import Path

import streamlit as st

from dashboard import door

app = st.App(
    Path(__file__).with_name("app.py"), routes=door.routes(), secrets=door.provider_secrets() or None
)
