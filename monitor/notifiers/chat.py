"""Chat and SMS through Apprise: one text, no buttons; what the service does with it is its own affair."""

from monitor.domain import Message
from monitor.errors import Permanent, Temporary
from monitor.notifiers.inert import cut

# Telegram and Teams take some 4,000 signs, SMS far fewer; the link to the alert stands at the end of it all.
_MOST_TEXT = 1500
_UNKNOWN = "its address is none that Apprise knows. Compare it with github.com/caronc/apprise."


class ChatNotifier:
    """One service, such as a Slack channel."""

    def __init__(self, slug: str, address: str) -> None:
        # Imported late: it loads a hundred services, and most shops have none.
        import apprise

        self._slug = slug
        self._as_text = apprise.NotifyFormat.TEXT
        self._service = apprise.Apprise()
        self._is_known = bool(self._service.add(address))

    def send(self, message: Message) -> None:
        """Hand over the text. Raises Temporary when it is not taken, Permanent when there is no service."""
        self.try_out()
        url = str(message.facts.get("alert_url") or message.facts.get("inbox_url") or "")
        body = f"{cut(message.text, _MOST_TEXT)}\n\n{url}".strip()
        taken = self._service.notify(title=message.subject, body=body, body_format=self._as_text)
        if not taken:
            raise Temporary(f"The channel {self._slug} did not take the message.")

    def try_out(self) -> None:
        """Look at the address alone: these services know no call that changes nothing. Raises Permanent."""
        if not self._is_known:
            raise Permanent(_UNKNOWN)
