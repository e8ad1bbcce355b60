"""Checks configuration files by the schema with jsonschema, and by the command: both must say the same.

Usage: config.py COMMAND ROOT FOLDER
"""

import datetime
import json
import pathlib
import re
import subprocess
import sys
import tomllib

import jsonschema

command, root, folder = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
schema = json.loads((root / "docs/ordercharge.schema.json").read_text())
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker())

WAIVER = '[[waiver]]\ncust_ref = "A"\nrule = "OC105"\nreason = "r"\nuntil = 2026-12-31\n'
good = [
    "",
    'all = true\nthreads = 3\nmax-shown = "5"\nmax-document = "1GiB"\nbaseline = "known"\n',
    'select = ["OC1", "oc304", "misnamed-field"]\nignore = []\nrounding = "half-even"\nfail-on = "unchecked"\n',
    'color = "never"\nquiet = true\nformat = "sarif"\nrecursive = true\n',
    '[severity]\nOC3 = "error"\ngrand-total = "off"\n[tolerance]\nOC105 = 0.01\nsub-total = "0.02"\n',
    '[source."A b"]\nrounding = "exact"\nselect = ["OC1"]\n[source."A b".tolerance]\nOC101 = 1\n',
    'select = ["Grand-Total", "oc105", "SUB-TOTAL"]\n[severity]\nMISNAMED-FIELD = "off"\n[tolerance]\noc105 = 1\nSub-Total = 1\n',
    WAIVER,
    WAIVER.replace("OC105", "Grand-total"),
    WAIVER.replace('"A"', '["A", "B"]').replace('rule = "OC105"', 'mistake = "unit-price-rounded"\nsource = "S"'),
]
for page in ["configuration", "csv"]:
    good += re.findall(r"```toml\n(.*?)```", (root / f"docs/{page}.md").read_text(), re.S)
wrong = [
    "fail_on = 'error'",
    "all = 'yes'",
    "format = 'shrt'",
    "rounding = true",
    "select = 'OC1'",
    "select = []",
    "select = ['OC1', 'OC999']",
    "severity = 3",
    "[severity]\nOC304 = 'fatal'",
    "[severity]\ngrand-totl = 'off'",
    "[tolerance]\nOC105 = -0.01",
    "[tolerance]\nOC105 = '-0.01'",
    "[tolerance]\nOC203 = 1",
    "[tolerance]\nQUANTITY = 1",
    "select = ['Grand_Total']",
    "baseline = 3",
    "write-valid = 'x'",
    "[csv]\nlayout = 'diagonal'",
    "[csv]\nheader = 'maybe'",
    "[source]\nrounding = 'exact'",
    "[source.A]\nformat = 'short'",
    "[source.A]\nroundin = 'exact'",
    "waiver = 3",
] + [
    WAIVER.replace(old, new)
    for old, new in [
        ('cust_ref = "A"\n', ""),
        ('rule = "OC105"\n', ""),
        ('rule = "OC105"', 'rule = "OC105"\nmistake = "unit-price-rounded"'),
        ('"OC105"', '"OC1055"'),
        ('reason = "r"\n', ""),
        ('"r"', '" "'),
        ("until = 2026-12-31\n", ""),
        ("cust_ref", "custref"),
        ('"A"', "3"),
    ]
]


def plain(value):
    """A date of TOML as the text that editors check."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


for expected, texts in [(True, good), (False, wrong)]:
    for text in texts:
        path = folder / "example.toml"
        path.write_text(text)
        errors = [error.message for error in validator.iter_errors(plain(tomllib.loads(text)))]
        ran = subprocess.run([command, "config", "--config", path], capture_output=True, text=True, check=False)
        assert (not errors) == expected, f"the schema on {text!r}: {errors}"
        assert ran.returncode == (0 if expected else 2), f"the command on {text!r}: {ran.stderr}"
print(f"configuration: the schema and the command agree on {len(good)} good files and {len(wrong)} wrong ones")
