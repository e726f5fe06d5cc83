"""The shop's HTML. Every value from outside goes through escape()."""

from html import escape


def money(cents, currency):
    return f"{cents // 100}.{cents % 100:02} {currency}"


class Pages:
    def __init__(self, shop, currency):
        self.shop = shop
        self.currency = currency

    def page(self, title, body, customer=None):
        who = f'{escape(customer)} <a href="/orders">orders</a>' if customer else '<a href="/login">log in</a>'
        return (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)} - {escape(self.shop)}'
                f'</title><link rel="stylesheet" href="/static/shop.css"></head>\n<body>\n<p><a href="/">{escape(self.shop)}'
                f'</a> | {who}</p>\n<h1>{escape(title)}</h1>\n{body}\n</body></html>\n')

    def money(self, cents):
        return f'<td class="money">{money(cents, self.currency)}</td>'

    def catalogue(self, products, customer):
        rows = "\n".join(
            f'<tr><td>{escape(p["title"])}</td>{self.money(p["price"])}'
            f'<td><input type="number" min="0" name="{escape(p["sku"])}" value="0"></td></tr>' for p in products)
        return self.page("Catalogue", f'<form method="post" action="/orders"><table>\n{rows}\n</table>\n'
                         '<button>order</button></form>', customer)

    def login(self):
        return self.page("Log in", '<form method="post" action="/login"><input name="customer"> '
                         '<input name="password" type="password"> <button>log in</button></form>')

    def orders(self, orders, customer):
        rows = "\n".join(f'<li><a href="/orders/{o["id"]}">order {o["id"]}</a>, {escape(o["placed"])} UTC</li>' for o in orders)
        return self.page("Your orders", f"<ul>\n{rows}\n</ul>", customer)

    def receipt(self, order, lines, customer):
        net = sum(line["quantity"] * line["price"] for line in lines)
        vat = (net * order["vat"] + 50) // 100
        rows = [f'<tr><td>{line["quantity"]} x {escape(line["title"])}</td>{self.money(line["quantity"] * line["price"])}</tr>'
                for line in lines]
        rows += [f'<tr><th>{title}</th>{self.money(cents)}</tr>'
                 for title, cents in (("net", net), (f'VAT {order["vat"]} %', vat), ("total", net + vat))]
        return self.page(f'Order {order["id"]}', "<table>\n" + "\n".join(rows) + "\n</table>", customer)

    def error(self, status, text, customer):
        return self.page(f"Error {status}", f'<p class="error">{escape(text)}</p>', customer)
