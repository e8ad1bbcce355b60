"""msgspec: typed orders, every amount a Decimal made from its text."""

import sys
from decimal import Decimal

import msgspec

import charges


class Line(msgspec.Struct, gc=False):
    price: Decimal
    extended_amount: Decimal
    quantity: Decimal | None = None
    discount: Decimal | None = None
    tax: Decimal | None = None
    addl_discount: Decimal | None = None


class Order(msgspec.Struct, gc=False):
    cust_ref: str
    items: list[Line]
    sub_total: Decimal
    grand_total: Decimal
    sales_tax: Decimal | None = None
    shipping_handling: Decimal | None = None
    order_discount: Decimal | None = None


charges.report(sys.argv[1], msgspec.json.Decoder(Order).decode)
