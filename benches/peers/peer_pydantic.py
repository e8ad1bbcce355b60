"""pydantic v2: the same with models; a JSON number has been a binary float before it is a Decimal."""

import sys
from decimal import Decimal

from pydantic import BaseModel

import charges


class Line(BaseModel):
    price: Decimal
    extended_amount: Decimal
    quantity: Decimal | None = None
    discount: Decimal | None = None
    tax: Decimal | None = None
    addl_discount: Decimal | None = None


class Order(BaseModel):
    cust_ref: str
    items: list[Line]
    sub_total: Decimal
    grand_total: Decimal
    sales_tax: Decimal | None = None
    shipping_handling: Decimal | None = None
    order_discount: Decimal | None = None


charges.report(sys.argv[1], Order.model_validate_json)
