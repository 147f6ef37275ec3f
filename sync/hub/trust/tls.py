"""TLS by the alliance's own authority: for hubs without a public name, such as one in a shop's back room.

The authority's certificate stands in the key list, which the root signs, so a till learns it while it joins
and needs nothing installed. Keys are ECDSA P-256, which every TLS library speaks.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sync.hub.storage.data_folder import put_private
from sync.hub.words import Told, Words

_AUTHORITY_FILE, SERVER_FILE = "tls-authority.pem", "tls-server.pem"
AUTHORITY_LIFE = dt.timedelta(days=20 * 365)
SERVER_LIFE = dt.timedelta(days=2 * 365)
RENEW_WITHIN = dt.timedelta(days=60)
"""So long before its end a certificate is to be renewed."""

_EARLY = dt.timedelta(days=1)  # a till's clock may be behind
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


def certificate_of(keys: Path) -> Path:
    """The hub's certificate and its private key in one PEM file; there is none before it was made."""
    return keys / SERVER_FILE


def make_authority(keys: Path, alliance: str, now: dt.datetime, *, anew: bool = False) -> bytes:
    """The authority's certificate in DER, as the key list names it. One that is there stays, unless `anew`.

    Raises:
        Told: there is one that cannot be read.

    """
    path = keys / _AUTHORITY_FILE
    if anew or not path.is_file():
        key, subject = ec.generate_private_key(ec.SECP256R1()), _name(f"{alliance} TLS")
        made = (
            _certificate(subject, subject, key.public_key(), now, AUTHORITY_LIFE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .sign(key, hashes.SHA256())
        )
        put_private(path, _pem(made, key))
    return _read(path).public_bytes(serialization.Encoding.DER)


def make_certificate(keys: Path, hosts: tuple[str, ...], now: dt.datetime) -> dt.datetime:
    """A new certificate for the hub under these names and addresses; gives its end.

    Raises:
        Told: a host that is none, or the authority is not here.

    """
    names = x509.SubjectAlternativeName([_alternative(host) for host in hosts])
    authority, signer = _read(keys / _AUTHORITY_FILE), _signer(keys / _AUTHORITY_FILE)
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        _certificate(_name(hosts[0]), authority.subject, key.public_key(), now, SERVER_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(names, critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .sign(signer, hashes.SHA256())
    )
    put_private(certificate_of(keys), _pem(made, key))
    return made.not_valid_after_utc


def hosts_of(keys: Path) -> tuple[str, ...]:
    """What the hub's certificate stands for.

    Raises:
        Told: there is none, or it cannot be read.

    """
    names = _read(certificate_of(keys)).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    addresses = (str(one) for one in names.get_values_for_type(x509.IPAddress))
    return (*names.get_values_for_type(x509.DNSName), *addresses)


def end_of(certificate: Path) -> dt.datetime:
    """Until when a certificate (PEM) holds.

    Raises:
        Told: it cannot be read.

    """
    return _read(certificate).not_valid_after_utc


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    now: dt.datetime,
    life: dt.timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLY)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        if not _HOST.fullmatch(host):
            raise Told(_NO_HOST, host=host[:60]) from None
        return x509.DNSName(host)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:60])])


def _read(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        raise Told(_NO_CERTIFICATE, path=path) from error


def _signer(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError) as error:
        raise Told(_NO_CERTIFICATE, path=path) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise Told(_NO_CERTIFICATE, path=path)
    return key


def _pem(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> bytes:
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM) + private


_NO_HOST = Words(
    "{host} 不是主机名或 IP 地址。请写收银机要用的那个，例如 hub.example.cn 或 192.168.1.5。",
    "{host} is no host name or IP address. Give the one that tills use, "
    "such as hub.example.cn or 192.168.1.5.",
)
_NO_CERTIFICATE = Words(
    "{path} 没有或读不出来。请先运行 pos-hub tls make，或从备份恢复。",
    "{path} is not there or cannot be read. Run pos-hub tls make first, or restore it from a backup.",
)
