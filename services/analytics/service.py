"""Analytics: keeps every event of every service, counts them, and tells the staff."""

from services.analytics.asking import asking
from services.analytics.heard import heard
from services.analytics.rebuilding import rebuilding
from services.analytics.recording import recording
from thestack import Service

service = Service("analytics", page=(31, 366))
service.include(heard, recording, rebuilding, asking)
