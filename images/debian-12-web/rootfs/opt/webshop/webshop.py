#!/usr/bin/python3
"""web-shop: a small shop, served to nginx on a local port.

webshop.py serve    serve until stopped
webshop.py fill     make a new database
"""

import configparser
import hashlib
import hmac
import os
import socket
import sqlite3
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

from pages import Pages
from store import Store

CONFIG = "/etc/webshop/webshop.conf"
VERSION = "2.3.1"
BODY_LIMIT = 65536


class Refused(Exception):
    """A request that gets an error page: Refused(status, text)."""


class Sessions:
    """Who is logged in lies in a signed cookie, not in the store."""

    def __init__(self, key, seconds):
        self.key = key
        self.seconds = seconds

    def sign(self, text):
        return hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()

    def open(self, customer):
        text = f"{customer}.{int(time.time()) + self.seconds}"
        return f"session={text}.{self.sign(text)}; Path=/; Max-Age={self.seconds}; Secure; HttpOnly; SameSite=Lax"

    def customer(self, cookies):
        """The customer's name, or None."""
        for cookie in cookies.split("; "):
            name, _, value = cookie.partition("=")
            text, _, signature = value.rpartition(".")
            if name == "session" and hmac.compare_digest(self.sign(text).encode(), signature.encode()):
                customer, _, until = text.rpartition(".")
                return customer if time.time() < int(until) else None
        return None


class Handler(BaseHTTPRequestHandler):
    server_version = "web-shop"
    sys_version = ""
    timeout = 30

    def do_GET(self):
        self.answer(self.get)

    def do_POST(self):
        self.answer(self.post)

    def answer(self, method):
        """Runs the method; what it raises becomes an error page."""
        try:
            self.customer = self.server.sessions.customer(self.headers.get("Cookie", ""))
            method()
        except Refused as refused:
            self.fail(*refused.args)
        except sqlite3.Error as error:
            self.log_error("%s %s: %s", self.command, self.path, error)
            self.fail(500, f"the store failed: {error}")

    def get(self):
        store, pages = self.server.store, self.server.pages
        if self.path == "/":
            self.send(pages.catalogue(store.products(), self.customer))
        elif self.path == "/login":
            self.send(pages.login())
        elif self.path == "/healthz":
            self.send(f"ok web-shop {VERSION}, {len(store.products())} products\n", kind="text/plain")
        elif self.path == "/orders":
            self.send(pages.orders(store.orders(self.who()), self.customer))
        elif self.path.startswith("/orders/"):
            number = self.path.removeprefix("/orders/")
            order, lines = store.order(int(number), self.who()) if number.isdecimal() and len(number) < 10 else (None, [])
            if not order:
                raise Refused(404, "no such order")
            self.send(pages.receipt(order, lines, self.customer))
        else:
            raise Refused(404, "no such page")

    def post(self):
        if self.path == "/login":
            form = self.form()
            customer = form.get("customer", "")
            if not self.server.store.knows(customer, form.get("password", "")):
                raise Refused(403, "wrong name or password")
            self.send("", 303, {"Location": "/", "Set-Cookie": self.server.sessions.open(customer)})
        elif self.path == "/orders":
            number = self.server.store.place(self.who(), self.quantities(), self.server.vat)
            self.log_message("order %d stored", number)
            self.send("", 303, {"Location": f"/orders/{number}"})
        else:
            raise Refused(404, "no such page")

    def who(self):
        if not self.customer:
            raise Refused(401, "log in first")
        return self.customer

    def form(self):
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > BODY_LIMIT:
            raise Refused(413, "no form, or one too long")
        return dict(parse_qsl(self.rfile.read(int(length)).decode(errors="replace")))

    def quantities(self):
        """The order's {sku: quantity} from the form; lines with 0 are not ordered."""
        skus = {product["sku"] for product in self.server.store.products()}
        form = {sku: text for sku, text in self.form().items() if text != "0"}
        if not form or not form.keys() <= skus or not all(q.isdecimal() and len(q) < 5 for q in form.values()):
            raise Refused(400, "not an order")
        return {sku: int(text) for sku, text in form.items() if int(text)}

    def fail(self, status, text):
        self.send(self.server.pages.error(status, text, self.customer), status)

    def send(self, text, status=200, headers=None, kind="text/html"):
        body = text.encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        # The journal adds time and host.
        print(f"{self.headers.get('X-Forwarded-For', '-')} {format % args}", file=sys.stderr, flush=True)


def tell_systemd(text):
    """Type=notify of webshop.service waits for READY=1."""
    address = os.environ.get("NOTIFY_SOCKET")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.sendto(text.encode(), address.replace("@", "\0", 1) if address[0] == "@" else address)


def main(command):
    config = configparser.ConfigParser()
    with open(CONFIG, encoding="utf-8") as file:
        config.read_file(file)
    store = Store(config["store"]["database"])
    if command == "fill":
        store.fill()
        return
    with open(config["session"]["key-file"], encoding="ascii") as file:
        key = bytes.fromhex(file.read())
    server = ThreadingHTTPServer((config["server"]["address"], config.getint("server", "port")), Handler)
    server.store = store
    server.pages = Pages(config["shop"]["name"], config["shop"]["currency"])
    server.sessions = Sessions(key, 60 * config.getint("session", "minutes"))
    server.vat = config.getint("shop", "vat")
    tell_systemd("READY=1")
    server.serve_forever()


if __name__ == "__main__":
    if sys.argv[1:] not in (["serve"], ["fill"]):
        sys.exit(__doc__.strip())
    main(sys.argv[1])
