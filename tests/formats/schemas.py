"""Checks the JUnit report with a published schema, the metrics with the parser of Prometheus, and the rows with a reader."""

import csv
import json
import sys
from pathlib import Path

import xmlschema
from prometheus_client.openmetrics.parser import text_string_to_metric_families

folder, xsd = Path(sys.argv[1]), sys.argv[2]
records = [json.loads(line) for line in (folder / "report.ndjson").read_text().splitlines()]
summary = records[-1]

schema = xmlschema.XMLSchema(xsd)
schema.validate(str(folder / "report.xml"))
cases = len(list(schema.to_dict(str(folder / "report.xml"))["testsuite"][0]["testcase"]))
print(f"JUnit: valid, {cases} test cases")

families = {family.name: family for family in text_string_to_metric_families((folder / "report.txt").read_text())}
orders = {sample.labels["verdict"]: sample.value for sample in families["ordercharge_orders"].samples}
assert orders == {verdict: summary[verdict] for verdict in ("valid", "invalid", "unreadable")}, orders
sources = {sample.labels["order_source"] for sample in families["ordercharge_mapping_orders"].samples}
assert sources == {mapping["order_source"] or "" for mapping in summary["mappings"]}, sources
accepted = {sample.labels["by"]: sample.value for sample in families["ordercharge_accepted_findings"].samples}
assert accepted == {by: summary[by]["findings"] for by in ("waivers", "baseline")} and accepted["baseline"] > 0, accepted
print(f"metrics: {len(families)} families, {sum(len(family.samples) for family in families.values())} samples")

with (folder / "report.csv").open(newline="") as rows:
    rows = list(csv.DictReader(rows))
assert {len(row) for row in rows} == {21}
violations = sum(len(record["violations"]) for record in records[:-1])
assert sum(row["kind"] == "violation" for row in rows) == violations
numbers = ("stated", "expected", "right", "difference", "line", "column", "index", "order_line")
for row in rows:
    for name, cell in row.items():
        assert name in numbers or not cell.lstrip().startswith(("=", "+", "-", "@")), (name, cell)
print(f"CSV: {len(rows)} rows, none begins like a formula")

issues = json.loads((folder / "report.gitlab").read_text())
for issue in issues:
    # What GitLab asks for and the types in codeclimate.mjs do not.
    assert {"fingerprint", "severity"} <= set(issue)
    assert issue["location"]["lines"]["begin"] >= 1
    assert "\n" not in issue["description"]
assert len({issue["fingerprint"] for issue in issues}) == len(issues)
print(f"GitLab: what its documentation asks besides is there")
