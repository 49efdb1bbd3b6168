#!/usr/bin/env python3
"""A client of the REST API as it was written long ago: Python 3 and its standard library only.

Usage: old-client.py ADDRESS EMAIL PASSWORD. Prints one JSON object per line for each call: {"step", "status", "type", "body", "seconds"}.
It only knows the calls and fields of the original API; what it prints is checked by test/suites/old-client.test.ts.
"""

import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

ADDRESS, EMAIL, PASSWORD = sys.argv[1:4]
API = ADDRESS + "/api/v1"
# Requests of this computer to itself go through no proxy.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
token = None


def call(step, method, path, body=None, timeout=120):
    """One request; prints it and gives status and body. An error answer is an answer."""
    headers = {}
    if token is not None:
        headers["Authorization"] = "Bearer " + token
    data = None
    if body is not None:
        data = json.dumps(body).encode("utf-8")
        headers["Content-Type"] = "application/json"
    request = urllib.request.Request(API + path, data=data, headers=headers, method=method)
    began = time.monotonic()
    try:
        with OPENER.open(request, timeout=timeout) as answer:
            status, kind, text = answer.status, answer.headers.get("Content-Type"), answer.read()
    except urllib.error.HTTPError as error:
        status, kind, text = error.code, error.headers.get("Content-Type"), error.read()
    parsed = json.loads(text) if text else None
    if step is not None:
        print(json.dumps({"step": step, "status": status, "type": kind, "body": parsed, "seconds": time.monotonic() - began}), flush=True)
    return status, parsed


def wait_for(instance_id, state, limit=60):
    """Asks for the instance until it is in the state; a poll, as a client without events has to."""
    until = time.monotonic() + limit
    while True:
        status, instance = call(None, "GET", "/instances/%d" % instance_id)
        if status == 200 and instance["actual_status"] == state:
            return instance
        if time.monotonic() > until:
            raise SystemExit("instance %d is not %s after %d s: %s" % (instance_id, state, limit, json.dumps(instance)))
        time.sleep(0.5)


def main():
    global token
    call("login-wrong", "POST", "/auth/login", {"username": EMAIL, "password": PASSWORD + "x"})
    call("me-nobody", "GET", "/auth/me")
    _, session = call("login", "POST", "/auth/login", {"username": EMAIL, "password": PASSWORD})
    token = session["token"]
    call("me", "GET", "/auth/me")

    # urlencode writes a space as "+", quote as "%20".
    query = urllib.parse.urlencode({"gpu_name": "RTX 4090", "max_price": 1.0})
    _, plus = call("offers-plus", "GET", "/instances/offers?" + query)
    call("offers-percent", "GET", "/instances/offers?gpu_name=" + urllib.parse.quote("RTX 4090") + "&max_price=1.0")
    call("offers-unknown-value", "GET", "/instances/offers?max_price=cheap")
    offer = plus["offers"][0]

    _, created = call("create", "POST", "/instances", {"offer_id": offer["id"], "disk_size": 100, "label": "my-gpu-instance"})
    call("create-again", "POST", "/instances", {"offer_id": offer["id"], "disk_size": 100, "label": "my-gpu-instance"})
    instance_id = created["id"]
    wait_for(instance_id, "running")
    call("show", "GET", "/instances/%d" % instance_id)
    call("list", "GET", "/instances")

    wanted = {"instance_id": instance_id, "source_path": "/workspace", "tags": ["auto-backup"]}
    _, first = call("snapshot", "POST", "/snapshots", wanted)
    # The project on the instance writes a line of its log every 5 s.
    time.sleep(6)
    call("snapshot-second", "POST", "/snapshots", wanted)
    time.sleep(6)
    call("snapshot-no-wait", "POST", "/snapshots", dict(wanted, wait=False))
    until = time.monotonic() + 60
    while call(None, "GET", "/snapshots")[1]["count"] < 3 and time.monotonic() < until:
        time.sleep(0.5)
    call("snapshots", "GET", "/snapshots")
    call("snapshot-missing-folder", "POST", "/snapshots", dict(wanted, source_path="/nowhere"))

    restore = {"snapshot_id": first["snapshot_id"], "target_path": "/workspace", "verify": False}
    call("restore-folder", "POST", "/snapshots/restore", dict(restore, folder="restored"))
    call("restore-folder-again", "POST", "/snapshots/restore", dict(restore, folder="restored"))
    call("restore-outside", "POST", "/snapshots/restore", dict(restore, folder="/tmp/outside-of-the-export-folder"))
    call("restore-paths", "POST", "/snapshots/restore", dict(restore, folder="parts", paths=["logs"]))
    call("restore-instance", "POST", "/snapshots/restore", dict(restore, instance_id=instance_id, verify=True))
    call("restore-unknown", "POST", "/snapshots/restore", {"snapshot_id": "0" * 64, "instance_id": instance_id})

    call("pause", "POST", "/instances/%d/pause" % instance_id)
    wait_for(instance_id, "exited")
    call("show-paused", "GET", "/instances/%d" % instance_id)
    call("snapshot-paused", "POST", "/snapshots", wanted)
    call("resume", "POST", "/instances/%d/resume" % instance_id)
    wait_for(instance_id, "running")
    call("destroy", "DELETE", "/instances/%d" % instance_id)
    until = time.monotonic() + 60
    while call(None, "GET", "/instances/%d" % instance_id)[0] != 404 and time.monotonic() < until:
        time.sleep(0.5)
    call("show-destroyed", "GET", "/instances/%d" % instance_id)
    call("destroy-again", "DELETE", "/instances/%d" % instance_id)
    call("list-empty", "GET", "/instances")

    call("settings", "GET", "/settings")
    call("settings-put", "PUT", "/settings", {"settings": {"default_disk_size": 64}})
    call("settings-wrong-key", "PUT", "/settings", {"vast_api_key": "0123456789abcdef" * 4})
    call("settings-after", "GET", "/settings")
    call("offers-after", "GET", "/instances/offers?" + query)

    call("register", "POST", "/auth/register", {"email": "second@example.test", "password": "correct horse"})
    call("register-again", "POST", "/auth/register", {"email": "second@example.test", "password": "correct horse"})
    call("register-short", "POST", "/auth/register", {"email": "third@example.test", "password": "short"})
    call("logout", "POST", "/auth/logout")
    call("me-after", "GET", "/auth/me")
    call("register-signed-out", "POST", "/auth/register", {"email": "fourth@example.test", "password": "correct horse"})
    token = None
    _, other = call("login-second", "POST", "/auth/login", {"username": "second@example.test", "password": "correct horse"})
    token = other["token"]
    call("snapshots-second", "GET", "/snapshots")
    call("offers-without-key", "GET", "/instances/offers?" + query)


main()
