"""Comparisons and mapped orders: the objects, and the same bytes as the command."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

import ordercharge
from ordercharge import _core

CART = """{"AmazonOrderId": "A-1", "OrderTotal": {"CurrencyCode": "USD", "Amount": "33.97"}, "OrderItems": [
    {"SellerSKU": "MUG", "QuantityOrdered": 2, "ItemPrice": {"Amount": "27.98"}, "ShippingPrice": {"Amount": "5.99"}}]}"""
ORDER = """{"cust_ref": "A-1", "items": [{"item": "MUG", "quantity": 2, "price": "27.98"}],
    "shipping_handling": "5.99", "grand_total": "33.97"}"""


def printed(folder: Path, *arguments: str) -> bytes:
    command = [sys.executable, "-m", "ordercharge", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).stdout


def test_each_vector_alone(cart_vectors: list[dict[str, str]]) -> None:
    assert len(cart_vectors) > 300
    for vector in cart_vectors:
        options = json.dumps({"cart_order": vector["cart_order"]})
        assert _core.call("compare", vector["order"].encode(), options).decode() == vector["comparison"], vector["name"]
        assert _core.call("map", vector["cart_order"].encode(), "").decode() == vector["mapped"], vector["name"]
    verdicts = {ordercharge.compare(vector["cart_order"], vector["order"]).verdict for vector in cart_vectors}
    assert {"same", "different"} <= verdicts


def test_the_command_prints_the_same(cart_vectors: list[dict[str, str]], tmp_path: Path) -> None:
    # Each pair by itself: what the command prints for it, without the summary.
    joined = [vector for vector in cart_vectors if not vector["name"].endswith("other name")]
    for vector in joined[::7]:
        (tmp_path / "cart.json").write_text(vector["cart_order"], encoding="utf-8")
        (tmp_path / "order.json").write_text(vector["order"], encoding="utf-8")
        lines = printed(tmp_path, "compare", "--all", "--format", "ndjson", "cart.json", "order.json").splitlines()
        expected = vector["comparison"].replace('"source":"-"', '"source":"order.json"', 1)
        assert lines[0].decode() == expected, vector["name"]
        ours = ordercharge.compare_all(
            vector["cart_order"], vector["order"], source="order.json", cart_source="cart.json", all=True
        )
        assert ours.records.splitlines() + [ours.summary] == lines, vector["name"]


@pytest.mark.parametrize("arguments", [{}, {"all": True}, {"cart": "none"}, {"cart": "shopify"}, {"edited": "current"}])
def test_many_are_what_the_command_prints(
    cart_vectors: list[dict[str, str]], tmp_path: Path, arguments: dict[str, object]
) -> None:
    # Names are not unique over the carts: of two orders of one name the later one counts, here as in the command.
    carts = "\n".join(vector["cart_order"] for vector in cart_vectors)
    orders = "\n".join(vector["order"] for vector in cart_vectors)
    (tmp_path / "cart.ndjson").write_text(carts, encoding="utf-8")
    (tmp_path / "orders.ndjson").write_text(orders, encoding="utf-8")
    options = ["--all"] if arguments == {"all": True} else [f"--{key}={value}" for key, value in arguments.items()]
    whole = printed(tmp_path, "compare", "--format", "ndjson", *options, "cart.ndjson", "orders.ndjson")
    ours = ordercharge.compare_all(carts, orders, source="orders.ndjson", cart_source="cart.ndjson", **arguments)  # type: ignore[arg-type]
    assert ours.errors == ()
    assert ours.records + ours.summary + b"\n" == whole
    assert ours.pairs == ours.same + ours.different + ours.unmatched + ours.unmappable > len(cart_vectors) / 2


def test_mapped_orders_are_what_the_command_prints(cart_vectors: list[dict[str, str]], tmp_path: Path) -> None:
    carts = [vector["cart_order"] for vector in cart_vectors] + ['{"AmazonOrderId": "A-9", "OrderTotal": {"Amount": "9"}, "OrderItems": []}', "{}"]
    (tmp_path / "cart.ndjson").write_text("\n".join(carts), encoding="utf-8")
    text = printed(tmp_path, "map", "--report", "report.ndjson", "cart.ndjson")
    made = ordercharge.map_cart("\n".join(carts), source="cart.ndjson")
    assert "".join(f"{order.text}\n" for order in made).encode() == text
    records = _core.call("map", "\n".join(carts).encode(), '{"source": "cart.ndjson"}').splitlines(keepends=True)
    refused = [record for record in records if json.loads(record)["type"] == "unmapped"]
    assert b"".join(refused) == (tmp_path / "report.ndjson").read_bytes() and len(refused) == 2
    assert [order.message for order in made.unmapped] == [json.loads(record)["message"] for record in refused]
    for order in made:
        assert ordercharge.check(order.text), order.text


def test_a_comparison() -> None:
    comparison = ordercharge.compare(CART, ORDER)
    assert not comparison
    assert (comparison.cust_ref, comparison.cart, comparison.verdict) == ("A-1", "amazon", "different")
    [difference] = comparison.differences
    assert (difference.rule, difference.path, difference.how) == ("OC401", "/items/0/price", "as-is")
    assert (difference.stated, difference.right) == (Decimal("27.98"), Decimal("13.9900"))
    assert difference.taken_from == "/OrderItems/0/ItemPrice/Amount"
    assert str(difference).startswith("OC401 /items/0/price: price is 27.98, should be 13.9900")
    with pytest.raises(AttributeError):
        difference.rule = "OC1"  # type: ignore[misc]
    right = json.loads(ORDER) | {"items": [{"item": "MUG", "quantity": 2, "price": Decimal("13.99")}]}
    assert ordercharge.compare(json.loads(CART), right) and ordercharge.compare(CART, right).differences == ()
    # A pair is a pair, whatever the order is called; of several, the one with its name.
    assert ordercharge.compare(CART, right | {"cust_ref": "mine"}).verdict == "same"
    other = CART.replace("A-1", "A-2")
    assert ordercharge.compare(f"[{other}, {CART}]", right).verdict == "same"
    unmatched = ordercharge.compare(f"[{other}, {CART}]", right | {"cust_ref": "mine"})
    assert (unmatched.verdict, unmatched.differences[0].stated_text) == ("unmatched", "mine")
    with pytest.raises(ordercharge.OrderchargeError, match="^shop.json: line 1"):
        ordercharge.compare("{", right, cart_source="shop.json")
    text = ordercharge.compare(CART, right | {"sales_tax": "none"}).differences[0]
    assert (text.path, text.stated, text.stated_text) == ("/sales_tax", None, "not an amount")
    currency = ordercharge.compare(CART, right | {"currency_code": "EUR"}).differences[0]
    assert (currency.stated, currency.stated_text, currency.right_text) == (None, "EUR", "USD")


def test_many_comparisons_and_what_is_unreadable() -> None:
    two = ordercharge.compare_all(f"{CART}\n{CART.replace('A-1', 'A-2')}\n{{", f"{ORDER}\n[")
    assert (len(two), two.pairs, two.different, two.unmatched) == (2, 2, 1, 1)
    assert [comparison.verdict for comparison in two] == ["different", "unmatched"]
    assert two.fields[0].remedy.startswith("price = ItemPrice / QuantityOrdered")
    assert [error.split(":")[0] for error in two.errors] == ["cart", "-"]
    assert json.loads(two.summary)["exit"] == 2
    # A byte that is not text costs one order, as in the command.
    broken = CART.replace("A-1", "A-3").encode().replace(b"A-3", b"A-\xff").replace(b"\n", b"")
    bytes_ = ordercharge.compare_all(broken + b"\n" + CART.encode(), ORDER, cart_source="shop.json")
    assert (bytes_.pairs, bytes_.different, len(bytes_.errors)) == (1, 1, 1)
    assert bytes_.errors[0].startswith("shop.json: line 1, column 22: ")
    none = ordercharge.compare_all("", "")
    assert (none.pairs, len(none.errors)) == (0, 2)
    for cart, order in ((CART, "{"), ("{", ORDER), ("", ORDER), (CART, ""), (b"\xff", ORDER), ("\ud800", ORDER)):
        with pytest.raises(ordercharge.OrderchargeError):
            ordercharge.compare(cart, order)


def test_names_and_tables() -> None:
    with pytest.raises(ordercharge.OrderchargeError, match="did you mean shopify"):
        ordercharge.compare(CART, ORDER, cart="shopfy")
    with pytest.raises(ordercharge.OrderchargeError, match="unknown variant"):
        ordercharge.map_cart(CART, edited="never")
    table = 'name = "mine"\nreferences = ["/id"]\nlines = "rows"\nquantity = "n"\nrow = "each * n"\ntotal = "/sum"\n'
    cart = '{"id": "M-1", "sum": "5.00", "rows": [{"n": 2, "each": "2.50"}]}'
    made = ordercharge.map_cart(cart, cart_table=table)
    assert (len(made), made.errors, made.orders[0].cart) == (1, (), "mine")
    amounts = {amount.path: amount for amount in made.orders[0].amounts}
    assert amounts["/grand_total"].amount == Decimal("5.00") and amounts["/grand_total"].taken_from == ("/sum",)
    assert ordercharge.compare(cart, made.orders[0].text, cart_table=table)
    wrong = ordercharge.map_cart(cart, cart_table=table + 'shipping = "/shiping"\n')
    assert len(wrong) == 1 and wrong.errors[0].startswith("cart_table:7:")
    with pytest.raises(ordercharge.OrderchargeError, match="cart_table:1:1"):
        ordercharge.map_cart(cart, cart_table="nme = 1")
    with pytest.raises(ordercharge.OrderchargeError, match="found both"):
        ordercharge.map_cart(cart, cart_table=table, cart="shopify")
    refused = ordercharge.map_cart(CART.replace("33.97", "30.00"))
    assert (len(refused), refused.unmapped[0].cart) == (0, "amazon")
    assert refused.unmapped[0].error is not None and refused.unmapped[0].error["kind"] == "disagrees"


def test_the_example_of_the_readme(capsys: pytest.CaptureFixture[str]) -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    code = readme.split("## Carts\n\n```python\n")[1].split("```")[0]
    exec(compile(code, "README.md (Carts)", "exec"), {"__name__": "example"})
    comment = code.split("# ", 1)[1].splitlines()[0]
    assert capsys.readouterr().out.startswith(comment.removesuffix(" ..."))
