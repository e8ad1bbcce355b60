"""Binary floats, as the quickest script would have it: here for what it gets wrong, compared with `==` or within half a
cent, not for how long it takes. What is unset counts as 0."""

import json
import operator
import sys


def within_half_a_cent(left, right):
    return abs(left - right) <= 0.005


HOW = {"equal": operator.eq, "tolerance": within_half_a_cent}


def is_right(order, same):
    def amount(holder, name):
        return float(holder.get(name) or 0)

    def total(name):
        return sum(amount(line, name) for line in order["items"])

    for line in order["items"]:
        price, discount = amount(line, "price"), amount(line, "discount")
        quantity, stated = amount(line, "quantity"), amount(line, "extended_amount")
        if line.get("quantity") is None or min(price, discount, quantity, stated) < 0:
            return False
        if min(amount(line, "tax"), amount(line, "addl_discount")) < 0:
            return False
        exact = (price - discount) * quantity
        if not same(exact, stated) and not same(round(exact, 2), stated):
            return False
    sub_total, sales_tax = amount(order, "sub_total"), amount(order, "sales_tax")
    shipping, discount = amount(order, "shipping_handling"), amount(order, "order_discount")
    least = total("addl_discount")
    return (
        min(sub_total, sales_tax, shipping, discount) >= 0
        and same(sub_total, total("extended_amount"))
        and (total("tax") == 0 or same(sales_tax, total("tax")))
        and (discount >= least or same(discount, least))
        and same(amount(order, "grand_total"), sub_total + sales_tax + shipping - discount)
    )


def main():
    how, path = sys.argv[1:]
    with open(path, "rb") as lines:
        for line in lines:
            order = json.loads(line)
            if not is_right(order, HOW[how]):
                print(order["cust_ref"])


main()
