"""The sums of an order in Decimal, for the peers in Python. What is unset counts as 0."""

from decimal import Decimal, getcontext

# More digits than any sum of the corpora has: nothing is rounded.
getcontext().prec = 60

ZERO = Decimal(0)
CENT = Decimal("0.01")
HALF_A_CENT = Decimal("0.005")


def is_right(order):
    """Whether every identity holds and every sign is right."""
    extended = tax = addl_discount = ZERO
    for line in order.items:
        quantity = line.quantity
        line_discount = line.discount or ZERO
        line_tax = line.tax or ZERO
        line_addl_discount = line.addl_discount or ZERO
        stated = line.extended_amount
        if quantity is None or quantity < 0 or line.price < 0 or line_discount < 0:
            return False
        if stated < 0 or line_tax < 0 or line_addl_discount < 0:
            return False
        exact = (line.price - line_discount) * quantity
        if stated != exact and (abs(stated - exact) > HALF_A_CENT or stated % CENT):
            return False
        extended += stated
        tax += line_tax
        addl_discount += line_addl_discount
    sub_total = order.sub_total
    sales_tax = order.sales_tax or ZERO
    shipping = order.shipping_handling or ZERO
    discount = order.order_discount or ZERO
    return (
        sub_total == extended
        and (not tax or sales_tax == tax)
        and discount >= addl_discount
        and order.grand_total == sub_total + sales_tax + shipping - discount
        and sub_total >= 0
        and sales_tax >= 0
        and shipping >= 0
        and discount >= 0
    )


def report(path, read):
    """Prints the cust_ref of every order of a file that is not right."""
    with open(path, "rb") as lines:
        for line in lines:
            order = read(line)
            if not is_right(order):
                print(order.cust_ref)
