"""Counts what pv_uv.sql counts, from the events alone."""

import json
import sys

views, users = {}, {}
for line in open(sys.argv[1] if len(sys.argv) > 1 else "examples/pv_uv/events.jsonl"):
    event = json.loads(line)
    if event["behavior"] == "pv":
        hour = event["ts"][:13]
        views[hour] = views.get(hour, 0) + 1
        users.setdefault(hour, set()).add(event["user_id"])
for hour in sorted(views):
    print(hour, views[hour], len(users[hour]))
