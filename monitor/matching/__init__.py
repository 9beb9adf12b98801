"""Which shops a post is about, and the words that say so, in every form Finnish gives a name.

Pure: no database, network or clock. Whether a find is kept is said by `decide`, and nowhere else.
"""

from monitor.matching.advice import Advice, Trouble, advise
from monitor.matching.listing import Form, engine, forms, mistyped
from monitor.matching.matcher import Matcher
from monitor.matching.rule import decide

__all__ = ["Advice", "Form", "Matcher", "Trouble", "advise", "decide", "engine", "forms", "mistyped"]
