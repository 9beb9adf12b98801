"""The first run without a network: a hand-written stream and a small local server that publishes it.

Every shop, person and event in it is invented. The server speaks the formats of real ones, so the
ordinary collectors fetch from it unchanged; nothing else in the service knows that it exists.
"""

from monitor.demo.server import DemoServer
from monitor.demo.stream import DemoPost, Place, load_stream

__all__ = ["DemoPost", "DemoServer", "Place", "load_stream"]
