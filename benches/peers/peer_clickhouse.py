"""ClickHouse, within this process: one query over the file, whose columns and types are said beforehand.

Its JSON reader makes a Decimal of the text of an amount, also of a number without quotes; digits beyond the fourth decimal are
dropped.
"""

import argparse

from chdb import query

# 19 digits before the point, 4 behind it, and room for the products.
AMOUNT = "Nullable(Decimal(38, 4))"
HEADER = ["sub_total", "order_discount", "sales_tax", "shipping_handling", "grand_total"]
LINE = ["quantity", "price", "discount", "addl_discount", "extended_amount", "tax"]


def columns():
    line = ", ".join(f"{name} {AMOUNT}" for name in LINE)
    header = ", ".join(f"{name} {AMOUNT}" for name in HEADER)
    return f"cust_ref String, {header}, items Array(Tuple({line}))"


def statement(path, threads):
    quoted = path.replace("\\", "\\\\").replace("'", "\\'")
    value = "ifNull({}, 0)".format
    total = "arraySum(line -> {}, items)".format
    line = {name: value(f"line.{name}") for name in LINE}
    exact = f"({line['price']} - {line['discount']}) * {line['quantity']}"
    signs = " AND ".join(f"{amount} >= 0" for amount in line.values())
    wrong_line = f"""NOT (
        line.quantity IS NOT NULL AND {signs} AND ({line['extended_amount']} = {exact}
            OR ({line['extended_amount']} = round({line['extended_amount']}, 2)
                AND abs({line['extended_amount']} - {exact}) <= toDecimal128('0.005', 4))))"""
    header = {name: value(name) for name in HEADER}
    signs = " AND ".join(f"{header[name]} >= 0" for name in HEADER if name != "grand_total")
    return f"""
        SELECT cust_ref FROM file('{quoted}', JSONEachRow, '{columns()}') WHERE NOT (
            {header['sub_total']} = {total(line['extended_amount'])}
            AND ({total(line['tax'])} = 0 OR {header['sales_tax']} = {total(line['tax'])})
            AND {header['order_discount']} >= {total(line['addl_discount'])}
            AND {header['grand_total']} = {header['sub_total']} + {header['sales_tax']} + {header['shipping_handling']}
                - {header['order_discount']}
            AND {signs}
            AND NOT arrayExists(line -> {wrong_line}, items))
        ORDER BY _row_number
        SETTINGS max_threads = {threads}, input_format_skip_unknown_fields = 1,
            input_format_json_ignore_unknown_keys_in_named_tuple = 1,
            input_format_json_defaults_for_missing_elements_in_named_tuple = 1
    """


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("file")
    arguments = parser.parse_args()
    print(query(statement(arguments.file, arguments.threads), "TSVRaw"), end="")


main()
