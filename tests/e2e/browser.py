"""A browser for what CloudFront serves on the emulator, with the TLS that CloudFront would speak."""

import os
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from thestack.toolchain import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
CLOUDFRONT = "*.cloudfront.net"


@contextmanager
def browser(endpoint: str, folder: Path) -> "Iterator[Browser]":
    """Headless Chromium, for which CloudFront's names lead to the emulator. Skips where there is none."""
    found = chromium.find(ROOT / ".stack/devtools/node_modules", ROOT / ".stack/chromium")
    if found is None:
        pytest.skip("there is no Chromium for this machine: install one, so that it is on the PATH")
    from playwright.sync_api import sync_playwright

    with tls_before(endpoint, folder) as port, sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=found.executable,
            env={**os.environ, **found.variables},
            args=[
                "--no-sandbox",  # as root, in a container
                "--headless=shell",
                "--no-zygote",
                "--disable-gpu",
                "--ignore-certificate-errors",
                f"--host-resolver-rules=MAP {CLOUDFRONT} 127.0.0.1:{port}",
            ],
        )
        yield started
        started.close()


def complaints(page: "Page") -> list[str]:
    """What the page's console has from now on: errors of scripts, and what its policy did not let it do."""
    found: list[str] = []
    page.on("console", lambda said: found.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


@contextmanager
def tls_before(endpoint: str, folder: Path) -> Iterator[int]:
    """Speak TLS on a port of the loopback, and hand on what is said to the emulator, which does not."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(folder))
    host, _, port = endpoint.removeprefix("http://").partition(":")
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_accept, args=(server, context, (host, int(port))), daemon=True).start()
        yield server.getsockname()[1]


def _accept(server: socket.socket, context: ssl.SSLContext, target: tuple[str, int]) -> None:
    while True:
        try:
            client, _ = server.accept()
        except OSError:  # it was closed
            return
        threading.Thread(target=_join, args=(client, context, target), daemon=True).start()


def _join(client: socket.socket, context: ssl.SSLContext, target: tuple[str, int]) -> None:
    try:
        with (
            context.wrap_socket(client, server_side=True) as secure,
            socket.create_connection(target) as plain,
        ):
            threading.Thread(target=_pump, args=(plain, secure), daemon=True).start()
            _pump(secure, plain)
    except OSError:
        return  # one of them hung up


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


def _certificate(folder: Path) -> Path:
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, CLOUDFRONT)]),
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(CLOUDFRONT)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "cloudfront.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + made.public_bytes(Encoding.PEM))
    return path
