"""The only code that changes an alert: opening, extending, and what people do with it.

What starts, pauses and stops the clock:
  starts   at the time of the post (of finding it, where the source does not say) when the alert opens;
           anew when a post comes after the answer
  sooner   a worse post in the thread may move the deadline earlier, never later
  pauses   snooze: the deadline is not before the snooze ends; a worse post ends it
  stops    answered by a person, or by the shop's own post in the thread; dismissed
Taking an alert stops reminders, not the clock. Every change leaves one AlertEvent.
"""

from monitor.alerts.acting import answer, correct, dismiss, note_sent, put_back, reopen, snooze, take, wake
from monitor.alerts.giving import give
from monitor.alerts.labelling import correct_mentions
from monitor.alerts.opening import AlertChange, open_or_extend
from monitor.alerts.own import answered_by_shop, is_own_post
from monitor.alerts.twins import open_or_fold

__all__ = [
    "AlertChange",
    "answer",
    "answered_by_shop",
    "correct",
    "correct_mentions",
    "dismiss",
    "give",
    "is_own_post",
    "note_sent",
    "open_or_extend",
    "open_or_fold",
    "put_back",
    "reopen",
    "snooze",
    "take",
    "wake",
]
