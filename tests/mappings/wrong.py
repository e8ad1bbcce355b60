"""Wrong mappings: each changes a right order as a mapping does that makes one mistake or two. Nothing here uses code of the library."""

import random
from decimal import Decimal

from shop import NONE, Line, Sale, cents, left_out, sum_of_lines, ten_thousandths

MAPPINGS: dict[str, tuple] = {}
# The mistakes of each, as docs/mistakes.md calls them; none if the table has no row for it.
NAMES: dict[str, set[str]] = {}


def mapping(name: str, *mistakes: str, **has: float):
    """A mapping that makes one mistake or two: it changes a right order."""
    NAMES[name] = set(mistakes)
    return lambda change: MAPPINGS.setdefault(name, (change, {key.replace("_", " "): much for key, much in has.items()}))


def each(change):
    """Changes every line alike."""

    def all_lines(order: dict, sale: Sale, _: random.Random) -> None:
        for item, line in zip(order["items"], sale.lines):
            change(item, line)

    return all_lines


def header(**amounts):
    """Puts other amounts into the header."""

    def change(order: dict, sale: Sale, _: random.Random) -> None:
        order.update({name: amount(order, sale) for name, amount in amounts.items()})

    return change


def both(*changes):
    def change(order: dict, sale: Sale, dice: random.Random) -> None:
        for one in changes:
            one(order, sale, dice)

    return change


def net_of_coupon(item: dict, line: Line) -> None:
    item["extended_amount"] = line.net - line.coupon
    item["price"] = ten_thousandths(item["extended_amount"] / line.quantity)
    item.pop("discount")


def holds_tax(order: dict, sale: Sale, _: random.Random) -> None:
    for item, line in zip(order["items"], sale.lines):
        item["price"] = cents(line.price * (1 + sale.rate))
        item["extended_amount"] = line.net + cents(line.net * sale.rate)
        item["discount"] = max(NONE, ten_thousandths(item["price"] - item["extended_amount"] / line.quantity))
        if not line.off:
            item["extended_amount"] = item["price"] * line.quantity
    order["sub_total"] = sum_of_lines(order, sale)


ROW = lambda item, line: item.update(price=line.gross)
mapping("the price is the total of the line", "price-is-line-total")(each(ROW))
mapping("the price is the net total of the line", "price-is-line-total")(both(each(lambda item, line: item.update(price=line.net)), left_out("discount")))
mapping("the price is the total of the line, and its amount is left off", "price-is-line-total")(both(each(ROW), left_out("extended_amount")))
mapping("the line's discount is in no field", "discount-in-no-field-on-lines", line_discount=0.6)(left_out("discount"))
mapping("the line's discount is not subtracted anywhere on the line", "sub-total-net-of-hidden-discount", line_discount=0.6)(
    both(left_out("discount"), each(lambda item, line: item.update(extended_amount=line.gross)))
)
mapping("sub_total is net of the coupon", "sub-total-net-of-discount", coupon=0.6)(header(sub_total=lambda order, sale: sale.goods - sale.coupon))
mapping("sub_total is before the discounts of the lines", "sub-total-before-line-discounts", line_discount=0.6)(
    header(sub_total=lambda order, sale: sum(line.gross for line in sale.lines))
)
mapping("a fee is in no field", "charge-in-no-field", fee=0.7)(header(shipping_handling=lambda order, sale: sale.shipping))
mapping("shipping is in no field", "charge-in-no-field", shipping=1)(header(shipping_handling=lambda order, sale: NONE))
mapping("shipping is left off", "charge-in-no-field", shipping=1)(left_out("shipping_handling"))
mapping("order_discount holds the discounts of the lines too", "discount-in-lines-and-header", line_discount=0.6)(
    header(order_discount=lambda order, sale: sale.coupon + sum(line.off for line in sale.lines))
)
mapping("the coupon is in the prices and in order_discount", "discount-in-prices-already", coupon=0.6)(both(each(net_of_coupon), header(sub_total=sum_of_lines)))
mapping("the coupon is in the lines and in order_discount", "discount-in-prices-already", coupon=0.6)(
    both(
        each(lambda item, line: item.update(
            extended_amount=line.net - line.coupon,
            discount=ten_thousandths(line.price - (line.net - line.coupon) / line.quantity),
        )),
        header(sub_total=sum_of_lines),
    )
)
mapping("net prices with the coupon and the cart's tax, no sums", "discount-in-prices-already", coupon=0.6)(
    both(each(net_of_coupon), left_out("extended_amount", "sub_total"))
)
mapping("the discount is that of the whole line", "discount-is-line-total", line_discount=0.6)(each(lambda item, line: item.update(discount=line.off)))
mapping("the discount is a percentage", "discount-is-percentage", line_discount=0.6)(each(lambda item, line: item.update(discount=Decimal(line.percent))))
mapping("the price is net, and the discount is sent too", "price-is-net-of-discount", line_discount=0.6)(
    each(lambda item, line: item.update(price=line.price - item["discount"]))
)
mapping("the lines are in cents", "minor-units-on-lines")(
    each(lambda item, line: item.update({name: item[name] * 100 for name in
         ("price", "discount", "extended_amount", "tax", "addl_discount") if name in item}))
)
mapping("the price is in cents", "minor-units-on-lines")(each(lambda item, line: item.update(price=line.price * 100)))
mapping("shipping is in cents", "minor-units-in-header", shipping=1)(header(shipping_handling=lambda order, sale: sale.shipping * 100))
mapping("the tax is in cents", "minor-units-in-header")(header(sales_tax=lambda order, sale: order["sales_tax"] * 100))
mapping("the tax of shipping is missing", "shipping-tax-missing", shipping_tax=1, shipping=1)(
    header(sales_tax=lambda order, sale: order["sales_tax"] - sale.shipping_tax)
)
mapping("shipping holds its tax, which is in sales_tax too", "shipping-holds-its-tax", shipping_tax=1, shipping=1)(
    header(shipping_handling=lambda order, sale: sale.shipping + sale.shipping_tax)
)
mapping("the lines have their tax, and sales_tax has shipping's too", "line-tax-without-shipping-tax", shipping_tax=1, shipping=1)(
    each(lambda item, line: item.update(tax=line.tax))
)
mapping("the sign of the coupon", "order-discount-sign", coupon=0.6)(header(order_discount=lambda order, sale: -sale.coupon))
mapping("the sign of the line's discount", "discount-sign", line_discount=0.6)(each(lambda item, line: item.update(discount=-item["discount"])))
mapping("the sign of the coupon, and shipping's tax is missing", "order-discount-sign", "shipping-tax-missing", coupon=0.6, shipping_tax=1, shipping=1)(
    header(
        order_discount=lambda order, sale: -sale.coupon,
        sales_tax=lambda order, sale: order["sales_tax"] - sale.shipping_tax,
    )
)
mapping("prices include the tax", "prices-include-tax")(holds_tax)
mapping("the tax is not sent", "tax-in-no-field")(both(left_out("tax"), header(sales_tax=lambda order, sale: NONE)))
mapping("the tax is that before the coupon", "tax-before-discount", coupon=0.6)(
    both(left_out("tax"), header(sales_tax=lambda order, sale: sum(cents(line.net * sale.rate) for line in sale.lines)))
)
mapping("the coupon is twice in order_discount", coupon=0.6)(header(order_discount=lambda order, sale: sale.coupon * 2))
mapping("the coupon is not sent", "discount-in-no-field", coupon=0.6)(both(left_out("addl_discount"), header(order_discount=lambda order, sale: NONE)))
mapping("order_discount is the first line's share", "order-discount-without-lines", coupon=0.6)(header(order_discount=lambda order, sale: sale.lines[0].coupon))
mapping("each line has the whole coupon", "order-discount-on-every-line", coupon=0.6)(
    lambda order, sale, _: [item.update(addl_discount=sale.coupon) for item in order["items"]]
)
mapping("the line's tax is that of one item", "line-tax-is-per-item")(each(lambda item, line: item.update(tax=cents(line.tax / line.quantity))))
mapping("sub_total is the total", "sub-total-is-grand-total")(header(sub_total=lambda order, sale: sale.paid))
mapping("sub_total holds the tax", "sub-total-holds-tax")(header(sub_total=lambda order, sale: sale.goods + order["sales_tax"]))
mapping("sub_total holds shipping", "sub-total-holds-shipping", shipping=1)(header(sub_total=lambda order, sale: sale.goods + sale.shipping))
mapping("the quantity is always 1", "stale-quantity")(each(lambda item, line: item.update(quantity=Decimal(1))))
mapping("the last line is lost", "line-missing")(lambda order, sale, _: len(order["items"]) > 1 and order["items"].pop())
mapping("gross lines and a fee in no field", "charge-in-no-field", "discount-in-no-field", fee=0.7)(
    both(
        left_out("discount"),
        each(lambda item, line: item.update(extended_amount=line.gross)),
        header(sub_total=sum_of_lines, shipping_handling=lambda order, sale: sale.shipping),
    )
)
mapping("prices include the tax, and a tip is in no field", "charge-in-no-field", "prices-include-tax", fee=0.7)(
    both(holds_tax, header(shipping_handling=lambda order, sale: sale.shipping))
)
mapping("the sign of the coupon, and shipping holds its tax", "order-discount-sign", "shipping-holds-its-tax", coupon=0.6, shipping_tax=1, shipping=1)(
    header(
        order_discount=lambda order, sale: -sale.coupon,
        shipping_handling=lambda order, sale: sale.shipping + sale.shipping_tax,
    )
)
mapping("the price is the total of the line, and shipping is in no field", "charge-in-no-field", "price-is-line-total", shipping=0.9)(
    both(each(ROW), header(shipping_handling=lambda order, sale: NONE))
)
mapping("the discount is that of the whole line, and a fee is in no field", "charge-in-no-field", "discount-is-line-total", line_discount=0.6, fee=0.6)(
    both(
        each(lambda item, line: item.update(discount=line.off)),
        header(shipping_handling=lambda order, sale: sale.shipping),
    )
)
