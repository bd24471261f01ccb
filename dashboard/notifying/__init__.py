"""Notices: made from events and clocks, kept in inboxes, sent through the webhook."""

from dashboard.notifying.notifier import Notifier, Payload
from dashboard.notifying.telling import Teller, directory_of
from dashboard.notifying.webhook import RETRIES, Endpoint, endpoint

__all__ = ["RETRIES", "Endpoint", "Notifier", "Payload", "Teller", "directory_of", "endpoint"]
