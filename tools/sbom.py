"""`make sbom`: what the product is made of, as CycloneDX: build/sbom-server.cdx.json and build/sbom-web.cdx.json.

Both are read from the locks, so that they name what is installed and served, and nothing that only builds or tests.
"""

import json
import re
import sys
import tomllib
from base64 import b64decode
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import bootstrap
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from licences import ELSEWHERE, licence_of
from packageurl import PackageURL

LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)([^\n]*(?:\n +--hash=[^\n]+)*)", re.M)
SHA256 = re.compile(r"sha256:([0-9a-f]{64})")


def main() -> int:
    """Write both and say how many parts each names."""
    root = bootstrap.ROOT
    (root / "build").mkdir(exist_ok=True)
    locks = {
        "server": python_parts((root / "requirements.txt").read_text()),
        "web": web_parts((root / "web" / "package-lock.json").read_text()),
    }
    for side, parts in locks.items():
        file = root / "build" / f"sbom-{side}.cdx.json"
        print(f"{write(file, list(parts))} packages in {file.relative_to(root)}")
    return 0


def write(file: Path, parts: list[Component]) -> int:
    """Write one document; gives the number of its parts."""
    bom = Bom(components=parts)
    bom.metadata.component = product()
    bom.register_dependency(bom.metadata.component, parts)
    file.write_text(make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=2))
    return len(parts)


def product() -> Component:
    """Virtaamo itself."""
    project = tomllib.loads((bootstrap.ROOT / "pyproject.toml").read_text())["project"]
    licence = LicenseExpression(project["license"])
    name, version = project["name"], project["version"]
    return Component(type=ComponentType.APPLICATION, name=name, version=version, licenses=[licence])


def python_parts(lock: str) -> Iterator[Component]:
    """The packages of a hashed requirements file, each with its hashes and the licence that it names itself.

    >>> [part.purl.to_string() for part in python_parts("a==1 ; x\\n    --hash=sha256:" + "0" * 64)]
    ['pkg:pypi/a@1']
    """
    for name, version, rest in LOCKED.findall(lock):
        hashes = [HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in SHA256.findall(rest)]
        yield part(PackageURL("pypi", None, name, version), licence_named(name), hashes)


def web_parts(lock: str) -> Iterator[Component]:
    """The packages of a package-lock.json that browsers are sent."""
    for path, package in sorted(json.loads(lock)["packages"].items()):
        if path and not package.get("dev"):
            scope, _, name = path.rpartition("node_modules/")[2].rpartition("/")
            digest = b64decode(package["integrity"].removeprefix("sha512-")).hex()
            hashes = [HashType(alg=HashAlgorithm.SHA_512, content=digest)]
            yield part(PackageURL("npm", scope or None, name, package["version"]), package["license"], hashes)


def part(purl: PackageURL, licence: str, hashes: list[HashType]) -> Component:
    """One package."""
    return Component(
        bom_ref=purl.to_string(),
        group=purl.namespace,
        name=purl.name,
        version=purl.version,
        purl=purl,
        licenses=[LicenseExpression(licence)] if licence else [],
        hashes=hashes,
    )


def licence_named(name: str) -> str:
    """The licence of an installed package, or of one that only other systems install."""
    try:
        return licence_of(distribution(name))
    except PackageNotFoundError:
        return ELSEWHERE.get(name, "")


if __name__ == "__main__":
    sys.exit(bootstrap.main(main))
