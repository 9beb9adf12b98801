"""The read-only API for other programs: mentions, alerts, trends and health as JSON."""
