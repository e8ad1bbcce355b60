"""What the runs of `tests/mutants/run` gave, beside `survivors.txt`: FILE... names the files of the library."""

import json
import re
import sys
from collections import Counter
from pathlib import Path

LIST = Path("tests/mutants/survivors.txt")
RUNS = Path("target/mutants")


def place(mutant):
    """The line that is changed, as it stands; it says which of several like ones is meant."""
    removed = [line[1:].strip() for line in mutant["diff"].splitlines()[2:] if line.startswith("-")]
    return removed[0] if removed and mutant["genre"] != "FnValue" else ""


def keys(mutants):
    """A name for each mutant that does not change with the lines above it: file, what becomes of what, and the line."""
    seen = Counter()
    for mutant in mutants:
        name = re.sub(r"^(\S+?):\d+:\d+: ", r"\1: ", mutant["name"])
        key = name if not place(mutant) else f"{name} | {place(mutant)}"
        seen[key] += 1
        yield key if seen[key] == 1 else f"{key} | again {seen[key] - 1}"


def listed():
    """The survivors of the list, each with its reason: a line that begins with `#` is the reason of those below it."""
    survivors, reason, fresh = {}, "", False
    for line in LIST.read_text().splitlines():
        if line.startswith("#"):
            reason = line[1:].strip() if not fresh else f"{reason} {line[1:].strip()}"
            fresh = True
        elif line.strip():
            survivors[line.strip()] = reason
            fresh = False
    return survivors


def outcomes(path):
    """How each mutant of a run ended, by its full name."""
    if not path.exists():
        return {}
    scenarios = [(entry["scenario"], entry["summary"]) for entry in json.loads(path.read_text())["outcomes"]]
    return {scenario["Mutant"]["name"]: summary for scenario, summary in scenarios if scenario != "Baseline"}


def main(files):
    survivors = listed()
    failed = False
    totals = Counter()
    print(f"\n{'module':24} {'mutants':>8} {'noticed':>8} {'timeout':>8} {'unviable':>9} {'survivors':>10}")
    for file in files:
        run = RUNS / file.replace("/", "-")
        # Those that were not noticed quickly were asked about again.
        ended = outcomes(run / "quickly.json") | outcomes(run / "fully.json")
        if not ended:
            print(f"{file:24} not run")
            failed = True
            continue
        mutants = json.loads((run / "list.json").read_text())
        alive, gone, count = [], set(), Counter()
        for mutant, key in zip(mutants, keys(mutants)):
            gone.add(key)
            summary = ended.get(mutant["name"], "not run")
            count[summary] += 1
            if summary == "MissedMutant":
                alive.append(key)
        totals += count
        row = [sum(count.values()), *(count[name] for name in ("CaughtMutant", "Timeout", "Unviable", "MissedMutant"))]
        print("{:24} {:>8} {:>8} {:>8} {:>9} {:>10}".format(file, *row))
        here = {key for key in survivors if key.startswith(f"{file}: ")}
        news = [f"not noticed, and not on the list: {key}" for key in alive if key not in here]
        stale = [f"on the list, but noticed now, or no such mutant: {key}" for key in here - set(alive)]
        bare = [f"on the list without a reason: {key}" for key in here if not survivors[key]]
        left = [f"not run: {count['not run']} mutants"] if count["not run"] else []
        for line in news + sorted(stale) + sorted(bare) + left:
            print(f"  {line}")
            failed = True
    print("{:24} {:>8} {:>8} {:>8} {:>9} {:>10}".format("all", sum(totals.values()), *(totals[n] for n in ("CaughtMutant", "Timeout", "Unviable", "MissedMutant"))))
    print(f"\nlisted: {len(survivors)} for {len(set(survivors.values()))} reasons")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
