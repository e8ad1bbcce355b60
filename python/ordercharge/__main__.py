"""`python -m ordercharge`: the command."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path


def main() -> int:
    name = "ordercharge.exe" if os.name == "nt" else "ordercharge"
    schemes = ["", f"{os.name}_user"]
    folders = [sysconfig.get_path("scripts", *filter(None, [scheme])) for scheme in schemes]
    for folder in [*folders, str(Path(sys.executable).parent)]:
        command = Path(folder) / name
        if command.is_file():
            if os.name == "nt":
                return subprocess.run([command, *sys.argv[1:]]).returncode
            os.execv(command, [str(command), *sys.argv[1:]])
    print("error: expected the command beside this module: install the wheel again", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
