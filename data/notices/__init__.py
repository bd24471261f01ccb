"""What is told to whom: kept once, read in inboxes, sent through the webhook."""

from data.notices.following import News, begin, clocks_out_of_time, news, tell, tell_news
from data.notices.inbox import Inbox, inbox, read_notice, recipient_of
from data.notices.rows import Kept
from data.notices.sending import claim, failed, sent

__all__ = [
    "Inbox",
    "Kept",
    "News",
    "begin",
    "claim",
    "clocks_out_of_time",
    "failed",
    "inbox",
    "news",
    "read_notice",
    "recipient_of",
    "sent",
    "tell",
    "tell_news",
]
