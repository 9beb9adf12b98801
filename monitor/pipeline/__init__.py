"""The repeatable stages: collect, assess, deliver, the sweep and the recheck. They own every transaction.

The stages hand over through the database alone, so that each may be run again at any moment and
after any crash. This is the only place where the drawers (sources, rules, notifiers) meet.
"""

from monitor.pipeline.assess import assess, assess_all
from monitor.pipeline.collect import COLLECTORS, collect, collect_all, collect_due, look, read_again, wanted
from monitor.pipeline.deliver import deliver
from monitor.pipeline.listen import listen
from monitor.pipeline.parts import Letter, Notice, Parts, Summary
from monitor.pipeline.preview import preview
from monitor.pipeline.reach import look_at_site, look_at_sites
from monitor.pipeline.recheck import recheck
from monitor.pipeline.sweep import sweep

__all__ = [
    "COLLECTORS",
    "Letter",
    "Notice",
    "Parts",
    "Summary",
    "assess",
    "assess_all",
    "collect",
    "collect_all",
    "collect_due",
    "deliver",
    "listen",
    "look",
    "look_at_site",
    "look_at_sites",
    "preview",
    "read_again",
    "recheck",
    "sweep",
    "wanted",
]
