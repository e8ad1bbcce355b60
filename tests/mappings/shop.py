"""Sales of a shop, the right order of each, and a judge of orders. Nothing here uses code of the library."""

import copy
import json
import random
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

CENT, NONE = Decimal("0.01"), Decimal(0)
HEADER = ("sub_total", "sales_tax", "shipping_handling", "order_discount", "grand_total")


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def ten_thousandths(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.0001"), ROUND_HALF_UP)


@dataclass
class Line:
    price: Decimal
    quantity: int
    percent: int
    off: Decimal  # of the line
    coupon: Decimal = NONE
    tax: Decimal = NONE

    @property
    def gross(self) -> Decimal:
        return self.price * self.quantity

    @property
    def net(self) -> Decimal:
        return self.gross - self.off


@dataclass
class Sale:
    """What somebody bought and paid."""

    lines: list[Line]
    rate: Decimal
    coupon: Decimal
    shipping: Decimal
    shipping_tax: Decimal
    fee: Decimal
    paid: Decimal = field(init=False)

    def __post_init__(self) -> None:
        tax = sum((line.tax for line in self.lines), self.shipping_tax)
        self.paid = self.goods - self.coupon + tax + self.shipping + self.fee

    @property
    def goods(self) -> Decimal:
        return sum((line.net for line in self.lines), NONE)


def sell(dice: random.Random, has: dict[str, float]) -> Sale:
    """A sale of a shop. `has` gives the share of its orders that have each feature."""
    share = lambda feature, usual: dice.random() < has.get(feature, usual)
    rate = Decimal(dice.choice(["0.05", "0.06", "0.07", "0.0725", "0.0825", "0.1", "0.2"])) if share("tax", 0.85) else NONE
    lines = []
    for _ in range(dice.choice([1, 1, 2, 2, 3, 4, 5])):
        price = Decimal(dice.randrange(300, 15_000)) / 100
        if share("shop price", 0.5):
            price = Decimal(dice.randrange(3, 150)) - CENT * dice.choice([0, 1, 5])
        quantity = dice.choice([1, 1, 1, 2, 2, 3, 4, 6, 10])
        percent = dice.choice([10, 15, 20, 25, 50]) if share("line discount", 0.3) else 0
        lines.append(Line(price, quantity, percent, cents(price * quantity * percent / 100)))
    goods = sum(line.net for line in lines)
    coupon = NONE
    if share("coupon", 0.35):
        of_goods = cents(goods * dice.choice([10, 15, 20]) / 100)
        coupon = min(goods, of_goods if dice.random() < 0.6 else Decimal(dice.choice([5, 10, 15])))
    left = coupon
    for line in lines:
        line.coupon = min(left, cents(coupon * line.net / goods)) if line is not lines[-1] else left
        left -= line.coupon
        line.tax = cents((line.net - line.coupon) * rate)
    shipping = Decimal(dice.choice(["4.99", "7.50", "9.00", "12.95"])) if share("shipping", 0.65) else NONE
    shipping_tax = cents(shipping * rate) if share("shipping tax", 0) else NONE
    fee = Decimal(dice.choice([150, 200, 350, 500])) / 100 if share("fee", 0) else NONE
    return Sale(lines, rate, coupon, shipping, shipping_tax, fee)


def right_order(sale: Sale) -> dict:
    items = [
        {
            "item": f"SKU-{at}",
            "quantity": Decimal(line.quantity),
            "price": line.price,
            "discount": ten_thousandths(line.off / line.quantity),
            "extended_amount": line.net,
            "addl_discount": line.coupon,
        }
        for at, line in enumerate(sale.lines)
    ]
    # The tax of the lines is stated where it is the whole tax.
    if not sale.shipping_tax:
        for item, line in zip(items, sale.lines):
            item["tax"] = line.tax
    return {
        "currency_code": "USD",
        "items": items,
        "sub_total": sale.goods,
        "sales_tax": sum((line.tax for line in sale.lines), sale.shipping_tax),
        "shipping_handling": sale.shipping + sale.fee,
        "order_discount": sale.coupon,
        "grand_total": sale.paid,
    }


def left_out(*names: str):
    def change(order: dict, _: Sale, __: random.Random) -> None:
        for place in [order, *order["items"]]:
            for name in names:
                place.pop(name, None)

    return change


def sum_of_lines(order: dict, _: Sale) -> Decimal:
    return sum(extended(item) for item in order["items"])


def text_of(value) -> str:
    """JSON with exact amounts."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)}: {text_of(it)}" for name, it in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(text_of, value)) + "]"
    return f"{value:f}" if isinstance(value, Decimal) else json.dumps(value)


def amount(place: dict, name: str) -> Decimal:
    stated = place.get(name)
    return NONE if stated in (None, "") else Decimal(str(stated))


def extended(item: dict) -> Decimal:
    if item.get("extended_amount") is not None:
        return amount(item, "extended_amount")
    return cents((amount(item, "price") - amount(item, "discount")) * amount(item, "quantity"))


def is_right(order: dict, right: dict) -> bool:
    """Whether an order says what was sold: a discount may be on the lines or in the header, and a field that is
    left out counts as its sum."""
    if len(order["items"]) != len(right["items"]) or any(
        amount(order, name) != right[name] for name in ("sales_tax", "shipping_handling", "grand_total")
    ):
        return False
    goods = sum_of_lines(order, None)
    stated = goods if order.get("sub_total") is None else amount(order, "sub_total")
    off = amount(order, "order_discount")
    if stated != goods or off < 0 or stated - off != right["sub_total"] - right["order_discount"]:
        return False
    for item, meant in zip(order["items"], right["items"]):
        each_net = amount(item, "price") - amount(item, "discount")
        # A price has four decimals.
        if amount(item, "quantity") != meant["quantity"] or amount(item, "discount") < 0:
            return False
        if abs(each_net * meant["quantity"] - extended(item)) > CENT / 2 + meant["quantity"] / 10_000:
            return False
        if off == right["order_discount"] and abs(extended(item) - meant["extended_amount"]) >= CENT:
            return False
    return True


def is_same(one: dict, two: dict) -> bool:
    """Whether two orders have the same amounts."""
    return json.loads(text_of(one)) == json.loads(text_of(two))


def undone(order: dict, culprits: list[dict]) -> dict | None:
    """The order that a diagnosis gives back, if it knows the right values."""
    order = copy.deepcopy(order)
    for culprit in culprits:
        *way, name = culprit["path"].strip("/").split("/")
        place = order
        for step in way:
            place = place[int(step)] if isinstance(place, list) else place[step]
        if culprit["right"] is None:
            return None
        place[name] = Decimal(culprit["right"])
    return order
