"""The kind "forum": threads and posts of forums that are only web pages, read by site profile.

Profiles for XenForo 2, phpBB 3, NodeBB, pages with JSON-LD, Suomi24 and Vauva.fi lie in
monitor/sources/profiles. Public pages only: robots.txt is respected, a login or a captcha is the end of
the way. Cannot see closed areas; edits are seen for a week, deletions where the address of a post, or of
a thread whose posts have none, leads nowhere. Terms: each forum's own; Suomi24 and Vauva.fi stay off
until the operator writes accept_terms = true.
"""

from monitor.sources.contract import Kind
from monitor.sources.forum.settings import ForumSettings
from monitor.sources.forum.source import ForumSource

KIND = Kind(
    name="forum",
    settings=ForumSettings,
    build=ForumSource,
    reads="XenForo 2, phpBB 3, NodeBB, Suomi24, Vauva.fi, pages with JSON-LD reviews; others by profile",
    needs="the forum's address and the areas to follow; for Suomi24 and Vauva.fi accept_terms = true",
    speed="one page in 3 seconds (or as robots.txt asks); only threads with something new are opened",
    cannot_see="closed areas, what robots.txt closes, edits after a week, some deletions",
    terms="each forum's own rules and its robots.txt",
)

__all__ = ["KIND", "ForumSettings", "ForumSource"]
