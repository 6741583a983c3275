"""A time-stamping authority of our own, and certificates that are and are not its root."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

import httpx
from asn1crypto import keys, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

_YEAR = timedelta(days=365)


@dataclass
class Authority:
    """A root certificate and a stamping one below it.

    Attributes:
        name: Common name of the root.
        at: The authority's time.
    """

    name: str
    at: datetime = datetime(2027, 3, 1, 12, tzinfo=UTC)

    def answer(self, request: bytes) -> bytes:
        """A DER TimeStampResp for a DER TimeStampReq."""
        return self._stamper.request_tsa_response(tsp.TimeStampReq.load(request)).dump()

    @property
    def pem(self) -> bytes:
        """The root certificate."""
        return self._root[0].public_bytes(serialization.Encoding.PEM)

    def transport(self) -> httpx.BaseTransport:
        """The authority behind HTTP."""

        def respond(request: httpx.Request) -> httpx.Response:
            assert request.headers["content-type"] == "application/timestamp-query"
            return httpx.Response(200, content=self.answer(request.content))

        return httpx.MockTransport(respond)

    @cached_property
    def _stamper(self) -> DummyTimeStamper:
        certificate, key = self._below
        store = SimpleCertificateStore()
        store.register(_asn1(self._root[0]))
        der = key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return DummyTimeStamper(
            tsa_cert=_asn1(certificate),
            tsa_key=keys.PrivateKeyInfo.load(der),
            certs_to_embed=store,
            fixed_dt=self.at,
        )

    @cached_property
    def _root(self) -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
        key = rsa.generate_private_key(65537, 2048)
        return self._certificate(self.name, key, self.name, key, is_root=True), key

    @cached_property
    def _below(self) -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
        key = rsa.generate_private_key(65537, 2048)
        name = f"{self.name} stamps"
        return self._certificate(name, key, self.name, self._root[1], is_root=False), key

    def _certificate(
        self,
        name: str,
        key: rsa.RSAPrivateKey,
        issuer: str,
        issuer_key: rsa.RSAPrivateKey,
        *,
        is_root: bool,
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(_name(issuer))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.at - _YEAR)
            .not_valid_after(self.at + _YEAR)
            .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        )
        if not is_root:
            usage = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.TIME_STAMPING])
            builder = builder.add_extension(usage, critical=True)
        return builder.sign(issuer_key, hashes.SHA256())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
