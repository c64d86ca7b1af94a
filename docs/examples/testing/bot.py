import json
import os
import time
import uuid
from http.client import HTTPConnection, HTTPException
from urllib.parse import quote, urlsplit

server = urlsplit(os.environ["HOMESERVER_URL"])
name = os.environ["MATRIX_USERNAME"]
session = {
    "access_token": os.environ["ACCESS_TOKEN"],
    "refresh_token": os.environ["MATRIX_REFRESH_TOKEN"],
}


def send(method, path, body=None, token=None):
    """Sends until there is an answer that is neither a rate limit nor a broken server."""
    wait = 1
    while True:
        connection = HTTPConnection(server.hostname, server.port, timeout=60)
        try:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            connection.request(method, "/_matrix/client/v3" + path, json.dumps(body or {}), headers)
            response = connection.getresponse()
            text = response.read()
            if response.status != 429 and response.status < 500:
                return response.status, json.loads(text)
            pause = float(response.headers.get("Retry-After", wait))
        except (OSError, HTTPException):
            pause = wait
        finally:
            connection.close()
        time.sleep(pause)
        wait = min(2 * wait, 60)


def renew():
    status, answer = send("POST", "/refresh", {"refresh_token": session["refresh_token"]})
    if status != 200:
        status, answer = send("POST", "/login", {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": name},
            "password": os.environ["MATRIX_PASSWORD"],
            "device_id": os.environ["MATRIX_DEVICE_ID"],
            "refresh_token": True,
        })
    if status == 200:
        session.update(answer)


def ask(method, path, body=None):
    wait = 1
    while True:
        status, answer = send(method, path, body, session["access_token"])
        if status != 401:
            return answer
        if answer["errcode"] == "M_UNKNOWN_TOKEN":
            renew()
        else:
            time.sleep(wait)
            wait = min(2 * wait, 60)


since = ask("GET", "/sync")["next_batch"]
while True:
    answer = ask("GET", f"/sync?timeout=10000&since={since}")
    since = answer["next_batch"]
    for room, news in answer.get("rooms", {}).get("join", {}).items():
        for event in news["timeline"]["events"]:
            if event["type"] == "m.room.message" and event["sender"] != f"@{name}:localhost":
                path = f"/rooms/{quote(room)}/send/m.room.message/{uuid.uuid4()}"
                ask("PUT", path, {"msgtype": "m.text", "body": "You said: " + event["content"]["body"]})
