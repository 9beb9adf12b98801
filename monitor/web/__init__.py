"""The small web endpoint of the service: buttons of mails, health and metrics, and a read-only API.

It acts through monitor.alerts only, and only where a person pressed a button that we signed.
"""

from monitor.web.gate import Clients
from monitor.web.parts import WebParts
from monitor.web.pulse import Pulse
from monitor.web.server import WebServer
from monitor.web.site import make_site

__all__ = ["Clients", "Pulse", "WebParts", "WebServer", "make_site"]
