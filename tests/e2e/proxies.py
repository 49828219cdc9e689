"""Caddy and nginx with what stands in deploy/, in front of one server, with a certificate of their own making."""

import os
import re
import socket
import ssl
import subprocess
import time
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from tests.conftest import ROOT, Server

DEPLOY = ROOT / "deploy"
CADDY = os.environ.get("CADDY", "caddy")
NGINX = os.environ.get("NGINX", "/usr/sbin/nginx")
START_S = 20
NGINX_AROUND = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


class Certificate:
    """A certificate for localhost in a folder; `pin` is how a browser is told to believe it."""

    def __init__(self, folder: Path) -> None:
        self.file, self.key = folder / "certificate.pem", folder / "key.pem"
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=30))
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .sign(key, hashes.SHA256())
        )
        self.file.write_bytes(made.public_bytes(Encoding.PEM))
        self.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.pin = b64encode(sha256(public).digest()).decode()


class Proxy:
    """Caddy or nginx in a folder of its own; `url` is what people open."""

    def __init__(self, name: str, folder: Path, certificate: Certificate, port: int) -> None:
        self.name, self.folder, self.certificate, self.port = name, folder, certificate, port
        self.url = f"https://localhost:{port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, servers: str) -> "Proxy":
        """Start it in front of these servers: addresses with a blank between."""
        return self._caddy(servers) if self.name == "caddy" else self._nginx(servers)

    def _caddy(self, servers: str) -> "Proxy":
        """Caddy with deploy/Caddyfile, changed where every installation changes it."""
        site = (DEPLOY / "Caddyfile").read_text()
        pair = f"{self.certificate.file} {self.certificate.key}"
        site = put(site, r"^ideas\.example \{$", f"{self.url} {{\n\ttls {pair}\n\tbind 127.0.0.1")
        site = put(site, r"reverse_proxy 127\.0\.0\.1:8000", f"reverse_proxy {servers}")
        file = self.folder / "Caddyfile"
        file.write_text(put(site, r"^\{$", "{\n\tadmin off\n\tauto_https disable_redirects"))
        kept = {
            "XDG_DATA_HOME": str(self.folder),
            "XDG_CONFIG_HOME": str(self.folder),
            "HOME": str(self.folder),
        }
        return self._start([CADDY, "run", "--adapter", "caddyfile", "--config", file], kept)

    def _nginx(self, servers: str) -> "Proxy":
        """nginx with deploy/nginx.conf, changed where every installation changes it."""
        site = (DEPLOY / "nginx.conf").read_text()
        lines = "\n".join(f"    server {server};" for server in servers.split())
        site = put(site, r"^    server 127\.0\.0\.1:8000;$", lines)
        site = put(site, r"listen 443 ssl", f"listen 127.0.0.1:{self.port} ssl")
        site = put(site, r"listen 80;", f"listen unix:{self.folder}/plain.sock;")
        site = re.sub(r"^    listen \[::\].*\n", "", site, flags=re.MULTILINE)
        site = site.replace("/var/log/nginx", str(self.folder))
        site = put(site, r"ssl_certificate .*;", f"ssl_certificate {self.certificate.file};")
        site = put(site, r"ssl_certificate_key .*;", f"ssl_certificate_key {self.certificate.key};")
        (self.folder / "site.conf").write_text(site.replace("ideas.example", "localhost"))
        file = self.folder / "nginx.conf"
        user = "user root;" if os.geteuid() == 0 else ""  # its workers have to get at the test's folder
        file.write_text(NGINX_AROUND.format(folder=self.folder, user=user))
        return self._start([NGINX, "-e", self.folder / "nginx.log", "-c", file, "-p", self.folder], {})

    def close(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=START_S)

    def trusting(self) -> ssl.SSLContext:
        """What a client of ours needs to believe it."""
        return ssl.create_default_context(cafile=str(self.certificate.file))

    def _start(self, command: list[object], environ: dict[str, str]) -> "Proxy":
        with (self.folder / "proxy.log").open("wb") as log:
            words = [str(word) for word in command]
            self._process = subprocess.Popen(words, env={**os.environ, **environ}, stdout=log, stderr=log)
        end = time.monotonic() + START_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                said = (self.folder / "proxy.log").read_text(errors="replace")
                assert self._process.poll() is None, said
                assert time.monotonic() < end, said
                time.sleep(0.05)


def put(text: str, old: str, new: str) -> str:
    """Replace what has to be there exactly once."""
    text, count = re.subn(old, lambda _: new, text, flags=re.MULTILINE)
    assert count == 1, f"{old} is there {count} times"
    return text


def free_port() -> int:
    """A port that nobody has just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def behind(folder: Path, environ: dict[str, str], url: str) -> Server:
    """A server that stands behind a proxy at this address."""
    behind_it = {"VIRTAAMO_URL": url, "VIRTAAMO_PROXIES": "127.0.0.1, ::1"}
    return Server(folder, {**behind_it, **environ}).start()
