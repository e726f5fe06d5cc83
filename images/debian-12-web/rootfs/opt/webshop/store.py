"""The shop's data: products, customers and orders in one SQLite file. Money is in cents."""

import hashlib
import hmac
import os
import sqlite3
from contextlib import closing

ROUNDS = 10000  # of PBKDF2 for a password

SCHEMA = """
CREATE TABLE product (sku TEXT PRIMARY KEY, title TEXT NOT NULL, price INTEGER NOT NULL CHECK (price > 0));
CREATE TABLE customer (name TEXT PRIMARY KEY, salt BLOB NOT NULL, password BLOB NOT NULL);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    customer TEXT NOT NULL REFERENCES customer,
    placed TEXT NOT NULL DEFAULT (datetime('now')),
    vat INTEGER NOT NULL
);
CREATE TABLE line (
    order_id INTEGER NOT NULL REFERENCES orders,
    sku TEXT NOT NULL REFERENCES product,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    price INTEGER NOT NULL,
    PRIMARY KEY (order_id, sku)
);
"""

PRODUCTS = [
    ("assam-250", "Assam, second flush, 250 g", 1290),
    ("gyokuro-100", "Gyokuro, shaded, 100 g", 2850),
    ("kettle-1l", "Kettle, 1 litre", 4995),
    ("strainer", "Strainer", 450),
]

# The lab's customers: a clone holds nobody's real password.
CUSTOMERS = [("ada", "analytical-engine"), ("grace", "nanosecond")]


def hash_password(password, salt):
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ROUNDS)


class Store:
    def __init__(self, path):
        self.path = path

    def connect(self):
        db = sqlite3.connect(self.path, timeout=5)
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA foreign_keys = ON")
        return closing(db)

    def fill(self):
        """Makes a new database with products and customers."""
        with self.connect() as db, db:
            db.executescript(SCHEMA)
            db.executemany("INSERT INTO product VALUES (?, ?, ?)", PRODUCTS)
            for name, password in CUSTOMERS:
                salt = os.urandom(16)
                db.execute("INSERT INTO customer VALUES (?, ?, ?)", (name, salt, hash_password(password, salt)))

    def products(self):
        with self.connect() as db:
            return db.execute("SELECT sku, title, price FROM product ORDER BY sku").fetchall()

    def knows(self, name, password):
        """Is this the customer's password?"""
        with self.connect() as db:
            row = db.execute("SELECT salt, password FROM customer WHERE name = ?", (name,)).fetchone()
        salt, wanted = (row["salt"], row["password"]) if row else (b"", b"")
        return hmac.compare_digest(hash_password(password, salt), wanted)

    def place(self, customer, quantities, vat):
        """Stores an order of {sku: quantity} and returns its number; a KeyError names an unknown sku."""
        with self.connect() as db, db:
            prices = dict(db.execute("SELECT sku, price FROM product"))
            cursor = db.execute("INSERT INTO orders (customer, vat) VALUES (?, ?)", (customer, vat))
            for sku, quantity in quantities.items():
                db.execute("INSERT INTO line VALUES (?, ?, ?, ?)", (cursor.lastrowid, sku, quantity, prices[sku]))
            return cursor.lastrowid

    def order(self, number, customer):
        """An order and its lines, or (None, []) if this customer has no such order."""
        with self.connect() as db:
            order = db.execute("SELECT * FROM orders WHERE id = ? AND customer = ?", (number, customer)).fetchone()
            lines = db.execute(
                "SELECT title, sku, quantity, line.price FROM line JOIN product USING (sku)"
                " WHERE order_id = ? ORDER BY sku", (number,)).fetchall() if order else []
        return order, lines

    def orders(self, customer):
        with self.connect() as db:
            return db.execute("SELECT id, placed FROM orders WHERE customer = ? ORDER BY id", (customer,)).fetchall()
