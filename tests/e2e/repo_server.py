#!/usr/bin/env python3
"""Serves a directory over HTTP on loopback, well or badly as FAULTS says.

usage: repo_server.py ROOT FAULTS LOG PORT_FILE [CERTIFICATE]

FAULTS is a file of lines "PART MODE [N]": for a path that holds PART
    404         there is nothing
    503         busy, come back in a second; N times, then it is served
    cut         N bytes of it, then the connection ends
    stall       N bytes of it, then silence
    endless     bytes without end
    no-etag     neither ETag nor date
It is read anew for each request.  LOG gets a line "STATUS PATH RANGE" for each.
"""
import hashlib
import os
import ssl
import sys
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

root, faults, log, port_file = sys.argv[1:5]
seen = {}


def fault_of(path):
    try:
        with open(faults, encoding="utf-8") as f:
            for line in f:
                words = line.split()
                if words and words[0] in path:
                    return words[1], int(words[2]) if len(words) > 2 else 0
    except FileNotFoundError:
        pass
    return None, 0


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def note(self, status):
        with open(log, "a", encoding="utf-8") as f:
            f.write(f"{status} {self.path} {self.headers.get('Range', '-')}\n")

    def answer(self, status, headers, body=b""):
        self.note(status)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def empty(self, status, **headers):
        self.answer(status, {"Content-Length": "0", **headers})

    def torn(self, headers, body, mode, n):
        self.answer(200, {**headers, "Content-Length": str(len(body))}, body[:n])
        self.wfile.flush()
        if mode == "stall":
            time.sleep(60)
        self.close_connection = True

    def endless(self):
        self.answer(200, {"Connection": "close"})
        while True:
            self.wfile.write(b"x" * 65536)

    def do_GET(self):
        mode, n = fault_of(self.path)
        file = os.path.join(root, self.path.lstrip("/"))
        if mode == "404" or not os.path.isfile(file):
            return self.empty(404)
        if mode == "503" and seen.setdefault(self.path, 0) < n:
            seen[self.path] += 1
            return self.empty(503, **{"Retry-After": "1"})
        with open(file, "rb") as f:
            body = f.read()
        etag = '"' + hashlib.sha256(body).hexdigest()[:16] + '"'
        headers = {} if mode == "no-etag" else {
            "ETag": etag, "Last-Modified": formatdate(os.stat(file).st_mtime, usegmt=True)}
        if mode in ("cut", "stall"):
            return self.torn(headers, body, mode, n)
        if mode == "endless":
            return self.endless()
        return self.good(headers, etag, body)

    def good(self, headers, etag, body):
        if self.headers.get("If-None-Match") == etag and "ETag" in headers:
            return self.empty(304, **headers)
        start = 0
        wanted = self.headers.get("Range", "")
        if wanted.startswith("bytes=") and self.headers.get("If-Range", etag) == etag:
            start = int(wanted[6:].split("-")[0])
        headers["Content-Length"] = str(len(body) - start)
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        return self.answer(206 if start else 200, headers, body[start:])


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


server = Server(("127.0.0.1", 0), Handler)
if len(sys.argv) > 5:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[5])
    server.socket = context.wrap_socket(server.socket, server_side=True)
with open(port_file + ".new", "w", encoding="utf-8") as out:
    out.write(str(server.server_address[1]))
os.rename(port_file + ".new", port_file)
server.serve_forever()
