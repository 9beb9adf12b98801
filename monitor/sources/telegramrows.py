"""Where everything stands in a message of Telegram's preview pages. Asks for nothing."""

from monitor.sources.forum.profile import PostRows


def message_rows() -> PostRows:
    """Where everything stands in a message; what Telegram itself notes (a new picture) is no post."""
    number = r"/(\d{1,9})(?:$|\?)"
    return PostRows.model_validate(
        {
            "post": ".tgme_widget_message[data-post]:not(.service_message)",
            "id": {"attr": "data-post", "match": number},
            "text": ".tgme_widget_message_text.js-message_text",
            "author": [".tgme_widget_message_author_name", ".tgme_widget_message_owner_name"],
            "at": {"css": ".tgme_widget_message_date time", "attr": "datetime"},
            "url": {"css": "a.tgme_widget_message_date", "attr": "href"},
            "answers": {"css": "a.tgme_widget_message_reply", "attr": "href", "match": number},
        }
    )
