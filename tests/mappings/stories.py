"""Faults that no mapping makes in the same way twice, and that no row of the table of mistakes describes."""

import random
from decimal import Decimal

from shop import HEADER, NONE, Sale, cents, left_out, right_order, sell, ten_thousandths

STORIES: dict[str, tuple] = {}


def story(name: str, **has: float):
    """A fault, and the shares of the shop's orders that have a feature."""
    return lambda change: STORIES.setdefault(name, (change, {key.replace("_", " "): much for key, much in has.items()}))


def some(dice: random.Random) -> Decimal:
    return Decimal(dice.randrange(111, 3333)) / 100


@story("one arbitrary amount of the header is wrong")
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    order[dice.choice(HEADER)] += some(dice)


@story("two arbitrary amounts of the header are wrong")
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    for name in dice.sample(HEADER, 2):
        order[name] += some(dice)


@story("the header is that of another order")
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    other = right_order(sell(dice, {}))
    order.update({name: other[name] for name in HEADER})


@story("the tax is that of another order")
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    left_out("tax")(order, sale, dice)
    order["sales_tax"] = cents(order["sales_tax"] * Decimal("1.37") + Decimal("0.41"))


@story("the total is in another currency")
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    order["grand_total"] = cents(order["grand_total"] * Decimal(dice.randrange(8000, 13000)) / 10_000)


@story("the prices are last year's")
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    for item in order["items"]:
        item["price"] = cents(item["price"] * Decimal(dice.randrange(930, 990)) / 1000)


@story("one price is typed wrong")
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    dice.choice(order["items"])["price"] += some(dice)


@story("shipping is another carrier's", shipping=1)
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    order["shipping_handling"] += some(dice)


@story("the prices of two lines are swapped")
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    if len(order["items"]) > 1:
        one, two = order["items"][:2]
        one["price"], two["price"] = two["price"], one["price"]


def line_of(order: dict, dice: random.Random) -> dict:
    return dice.choice(order["items"])


def lines_of(order: dict, dice: random.Random) -> list[dict]:
    """Two lines, or none if there is only one."""
    return dice.sample(order["items"], 2) if len(order["items"]) > 1 else []


def another(dice: random.Random, **has: float) -> dict:
    """The right order of another sale."""
    return right_order(sell(dice, has))


def typed(amount: Decimal, dice: random.Random) -> Decimal:
    """An amount with one digit typed wrong."""
    digits = list(f"{amount:.2f}")
    at = dice.choice([at for at, digit in enumerate(digits) if digit.isdigit()])
    digits[at] = dice.choice([digit for digit in "0123456789" if digit != digits[at]])
    return Decimal("".join(digits))


def shortened(amount: Decimal, dice: random.Random) -> Decimal:
    """An amount with one digit lost."""
    digits = f"{amount:.2f}"
    at = dice.choice([at for at, digit in enumerate(digits) if digit.isdigit()])
    return Decimal(f"0{digits[:at]}{digits[at + 1:]}")


def converted(amount: Decimal, dice: random.Random) -> Decimal:
    """An amount in another currency."""
    return cents(amount * Decimal(dice.randrange(8000, 13000)) / 10_000)


def calculate(item: dict) -> None:
    item["extended_amount"] = cents((item["price"] - item["discount"]) * item["quantity"])


USUALLY = {"sub_total": {}, "sales_tax": {"tax": 1}, "shipping_handling": {"shipping": 1}, "order_discount": {"coupon": 1}, "grand_total": {}}
for at, has in USUALLY.items():
    features = {name.replace(" ", "_"): much for name, much in has.items()}
    story(f"{at} is that of another order", **features)(lambda order, _, dice, at=at, has=has: order.update({at: another(dice, **has)[at]}))
    story(f"a digit of {at} is typed wrong", **features)(lambda order, _, dice, at=at: order.update({at: typed(order[at], dice)}))


@story("a digit of the total is lost")
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    order["grand_total"] = shortened(order["grand_total"], dice)


@story("tax and shipping are those of another order", tax=1, shipping=1)
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    other = another(dice, tax=1, shipping=1)
    order.update({name: other[name] for name in ("sales_tax", "shipping_handling")})


@story("tax and total are from before a line was changed", tax=1)
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    left_out("tax")(order, sale, dice)
    more = cents(sale.lines[0].net * Decimal(dice.randrange(200, 1500)) / 1000)
    tax = cents(more * sale.rate)
    order["sales_tax"] += tax
    order["grand_total"] += more + tax


@story("the tax is from before a line was changed", tax=1)
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    order["sales_tax"] = cents(order["sales_tax"] * Decimal(dice.randrange(500, 1900)) / 1000)


@story("one of two taxes is not in the header", tax=1)
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    left_out("tax")(order, sale, dice)
    order["sales_tax"] -= cents(order["sales_tax"] * Decimal(dice.choice([15, 20, 28, 35, 44])) / 100)


@story("one of two taxes is not on the lines", tax=1)
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    share = Decimal(dice.choice([15, 20, 28, 35, 44])) / 100
    for item in order["items"]:
        if "tax" in item:
            item["tax"] -= cents(item["tax"] * share)


@story("the tax is typed wrong, and the total is made from it", tax=1)
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    tax = typed(order["sales_tax"], dice)
    order["grand_total"] += tax - order["sales_tax"]
    order["sales_tax"] = tax


@story("sub_total is typed wrong, and the total is made from it")
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    goods = typed(order["sub_total"], dice)
    order["grand_total"] += goods - order["sub_total"]
    order["sub_total"] = goods


@story("a date is in an amount of the header")
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    order[dice.choice(HEADER)] = Decimal(f"202{dice.randrange(6)}{dice.randrange(1, 13):02}{dice.randrange(1, 29):02}")


@story("a postcode is in shipping")
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    order["shipping_handling"] = Decimal(dice.randrange(10_000, 99_999))


@story("the header is in another currency, and shipping is not", shipping=1)
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    rate = Decimal(dice.randrange(8000, 13000)) / 10_000
    order.update({name: cents(order[name] * rate) for name in ("sub_total", "sales_tax", "order_discount", "grand_total")})


@story("the total is that of two orders")
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    order["grand_total"] += another(dice)["grand_total"]


for name in ("price", "quantity", "extended_amount"):
    story(f"{name} of a line is that of another order")(
        lambda order, _, dice, name=name: line_of(order, dice).update({name: another(dice)["items"][0][name]})
    )


@story("a digit of a price is typed wrong, and the amount is calculated from it")
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    item = line_of(order, dice)
    item["price"] = typed(item["price"], dice)
    calculate(item)


@story("the amount of a line is typed wrong, and the sums are made from it")
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    item = line_of(order, dice)
    amount = typed(item["extended_amount"], dice)
    for name in ("sub_total", "grand_total"):
        order[name] += amount - item["extended_amount"]
    item["extended_amount"] = amount


@story("the quantity of a line is the stock")
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    line_of(order, dice)["quantity"] = Decimal(dice.randrange(400))


@story("the quantity of a line is its weight")
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    line_of(order, dice)["quantity"] = Decimal(dice.randrange(100, 9000)) / 1000


@story("the quantity of the first line is on all lines")
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    for item in order["items"]:
        item["quantity"] = order["items"][0]["quantity"]


@story("the price of the first line is on all lines")
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    for item in order["items"]:
        item["price"] = order["items"][0]["price"]


@story("the prices are those of another price list")
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    for item in order["items"]:
        item["price"] = cents(item["price"] * Decimal(dice.randrange(700, 1300)) / 1000)


@story("one of several lines is in another currency")
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    for item in lines_of(order, dice)[:1]:
        rate = Decimal(dice.randrange(8000, 13000)) / 10_000
        item["price"], item["discount"] = cents(item["price"] * rate), ten_thousandths(item["discount"] * rate)
        calculate(item)


@story("points are taken off the amounts of some lines")
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    for item in lines_of(order, dice):
        item["extended_amount"] -= min(item["extended_amount"], Decimal(dice.randrange(50, 900)) / 100)


@story("a bundle is there with parts at other prices")
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    for _ in range(2):
        price = cents(order["items"][0]["extended_amount"] * Decimal(dice.randrange(200, 900)) / 1000)
        order["items"].append({"item": "PART", "quantity": Decimal(1), "price": price, "discount": NONE, "extended_amount": price})


@story("the number of an article is in a price")
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    line_of(order, dice)["price"] = Decimal(dice.randrange(1000, 9_999_999))


@story("the discount of a line is that of another product")
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    item = line_of(order, dice)
    item["discount"] = cents(item["price"] * Decimal(dice.randrange(20, 600)) / 1000)


@story("tax and amount of a line are swapped", tax=1)
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    item = line_of(order, dice)
    item["tax"], item["extended_amount"] = item["extended_amount"], item.get("tax", NONE)


@story("the price of a line and the discount of another are swapped", line_discount=0.7)
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    for one, two in [lines_of(order, dice) or (order["items"][0], order["items"][0])]:
        one["price"], two["discount"] = two["discount"], one["price"]


@story("two prices are typed wrong")
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    for item in lines_of(order, dice):
        item["price"] = typed(item["price"], dice)


@story("price and quantity of a line are wrong")
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    item = line_of(order, dice)
    item.update(price=typed(item["price"], dice), quantity=Decimal(dice.randrange(1, 20)))


@story("the amount of a line and shipping are typed wrong", shipping=1)
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    item = line_of(order, dice)
    item["extended_amount"] = typed(item["extended_amount"], dice)
    order["shipping_handling"] = typed(order["shipping_handling"], dice)


@story("the price of a line and the total are typed wrong")
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    item = line_of(order, dice)
    item["price"] = typed(item["price"], dice)
    order["grand_total"] = typed(order["grand_total"], dice)


@story("the prices hold the totals of the lines, and the total is typed wrong")
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    for item, line in zip(order["items"], sale.lines):
        item["price"] = line.gross
    order["grand_total"] = typed(order["grand_total"], dice)


@story("a gift card is taken off the total, and the amount of a line is typed wrong")
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    order["grand_total"] -= min(order["grand_total"], Decimal(dice.choice([10, 20, 25, 50])))
    item = line_of(order, dice)
    item["extended_amount"] = typed(item["extended_amount"], dice)


@story("three amounts are wrong: a price, sub_total and the total")
def _(order: dict, sale: Sale, dice: random.Random) -> None:
    for place, name in [(line_of(order, dice), "price"), (order, "sub_total"), (order, "grand_total")]:
        place[name] += some(dice)
