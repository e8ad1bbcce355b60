"""Builds the wheel: the command first, then the module, with maturin.

maturin builds a module or a command, not both, but it packs what lies in `ordercharge.data/scripts`.
`ORDERCHARGE_COMMAND` names a command that is built already.
"""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import maturin

ROOT = Path(__file__).resolve().parent.parent
REPOSITORY = ROOT.parent


def _command() -> Path:
    """The command, built if it is not."""
    built = os.environ.get("ORDERCHARGE_COMMAND")
    if built:
        path = Path(built)
        if not path.is_file():
            raise FileNotFoundError(f"expected ORDERCHARGE_COMMAND to name the command, found no file at {built}")
        return path
    manifest = REPOSITORY / "cli" / "Cargo.toml"
    if not manifest.is_file():
        raise FileNotFoundError(f"expected the whole repository, found no {manifest}: install from a clone of it")
    subprocess.run(["cargo", "build", "--release", "--locked", "--manifest-path", manifest], check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target"))
    return target / "release" / ("ordercharge.exe" if os.name == "nt" else "ordercharge")


def build_wheel(wheel_directory: str, config_settings: Any = None, metadata_directory: Any = None) -> str:
    scripts = ROOT / "ordercharge.data" / "scripts"
    scripts.mkdir(parents=True, exist_ok=True)
    command = _command()
    shutil.copy2(command, scripts / command.name)
    return str(maturin.build_wheel(wheel_directory, config_settings, metadata_directory))


def get_requires_for_build_wheel(config_settings: Any = None) -> list[str]:
    return []


def prepare_metadata_for_build_wheel(metadata_directory: str, config_settings: Any = None) -> str:
    # maturin checks that the folder is there.
    (ROOT / "ordercharge.data").mkdir(exist_ok=True)
    return str(maturin.prepare_metadata_for_build_wheel(metadata_directory, config_settings))
