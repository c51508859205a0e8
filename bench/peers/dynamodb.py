"""A DynamoDB that says the same every time, in a process of its own: only a handler's own work is measured.

Run as `python -I -S dynamodb.py ITEMS`, ITEMS being JSON: the one item that each table holds. No query finds
any. The first line of its output is the port, on loopback.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ITEMS = json.loads(sys.argv[1])


class Tables(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        action = self.headers["X-Amz-Target"].partition(".")[2]
        answer = json.dumps(self.answer_to(action, request)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def answer_to(self, action: str, request: dict[str, Any]) -> dict[str, Any]:
        if action == "GetItem":
            item = ITEMS[request["TableName"]]
            return {"Item": item} if item["pk"] == request["Key"]["pk"] else {}
        if action == "Query":
            return {"Items": [], "Count": 0, "ScannedCount": 0}
        if action in {"PutItem", "TransactWriteItems"}:
            return {}
        raise ValueError(f"{action} is not among what a cold start asks")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: requests are many."""


server = ThreadingHTTPServer(("127.0.0.1", 0), Tables)
print(server.server_port, flush=True)
server.serve_forever()
