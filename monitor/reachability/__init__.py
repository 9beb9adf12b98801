"""Whether customers can reach a shop: its own site, looked at as they would, once a week.

Reads the front page, the contact page and the terms; sends nothing and fills in no form.
"""

from monitor.reachability.checking import Look, SiteChecker

__all__ = ["Look", "SiteChecker"]
