"""The wheel of this repository: `check_file` with all its rules. A report that is not invalid is printed as what it is."""

import argparse

import ordercharge


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("file")
    arguments = parser.parse_args()
    for report in ordercharge.check_file(arguments.file, threads=arguments.threads):
        print(report.cust_ref if report.verdict == "invalid" else f"{report.cust_ref} is {report.verdict}")


main()
