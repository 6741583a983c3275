"""Requests to addresses that strangers chose: to the public network only, once, briefly.

A name is resolved once and the connection goes to that very address, so that a name which answers
differently the second time (DNS rebinding) gains nothing. Whatever is not a plain public address is
refused: private, loopback, link-local (where clouds keep their metadata), shared (CGNAT),
multicast, reserved, and addresses that carry another one inside. No redirect is followed, no proxy
of the environment used, and no more is read than the head of the answer.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpcore
from httpcore import SOCKET_OPTION

SECONDS = 5.0
"""For all of it: name, connection, request and the head of the answer."""
MOST_BYTES = 65_536
"""Of an answer."""
_PORT = 443
_CARRYING = tuple(
    ipaddress.ip_network(network)
    # NAT64, 6to4, Teredo: an IPv4 address inside, which the network may send the packet to.
    for network in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")

Resolve = Callable[[str, int], list[str]]


class DestinationRefused(Exception):
    """The address is none that a request may go to."""


class DeliveryFailed(Exception):
    """There was no answer within the limits."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Where requests may go.

    Attributes:
        allows_loopback: The embedded network's own machine, over http and on any port.
        seconds: For a whole request.
    """

    allows_loopback: bool = False
    seconds: float = SECONDS


def check_url(url: str, rules: Rules) -> None:
    """Refuse a URL that no request may go to, as far as it says so itself.

    Raises:
        DestinationRefused: It is no plain https URL on port 443, or names a refused address.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise DestinationRefused("it is no URL") from None
    host = parts.hostname
    if not host or not url.isascii() or not url.isprintable() or " " in url:
        raise DestinationRefused("it is no URL")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise DestinationRefused("it has a user, a password or a fragment")
    if rules.allows_loopback and _is_own_machine(host):
        return
    if parts.scheme != "https" or port not in {None, _PORT}:
        raise DestinationRefused("it is not https on port 443")
    if address := _address(host):
        check_address(address, rules)


def check_address(text: str, rules: Rules) -> None:
    """Refuse an address that is not of the public network.

    Raises:
        DestinationRefused: It is not.
    """
    address: Any = ipaddress.ip_address(text.partition("%")[0])
    if address.version == 6 and address.ipv4_mapped is not None:  # noqa: PLR2004
        address = address.ipv4_mapped
    if rules.allows_loopback and address.is_loopback:
        return
    if not _is_public(address):
        raise DestinationRefused(f"{address} is not an address of the public network")


def post(
    url: str,
    content: bytes,
    headers: Mapping[str, str],
    rules: Rules,
    *,
    resolve: Resolve | None = None,
) -> int:
    """Post something; the status of the answer. Its body is not read.

    Raises:
        DestinationRefused: The URL, or the address its name has, is refused.
        DeliveryFailed: There was no answer within the limits.
    """
    check_url(url, rules)
    network = _GuardedNetwork(rules, resolve or _resolve)
    named = [("host", urlsplit(url).netloc), *headers.items()]
    try:
        with (
            httpcore.ConnectionPool(
                ssl_context=ssl.create_default_context(), network_backend=network
            ) as pool,
            pool.stream("POST", url, headers=named, content=content) as answer,
        ):
            return answer.status
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
        raise DeliveryFailed(str(error) or type(error).__name__) from None
    except OSError as error:
        raise DeliveryFailed(f"{type(error).__name__}: {error}") from None


class _GuardedNetwork(httpcore.NetworkBackend):
    """Opens connections to public addresses, for one request and until its time is over."""

    def __init__(self, rules: Rules, resolve: Resolve) -> None:
        self._rules = rules
        self._resolve = resolve
        self._clock = _Clock(rules.seconds)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the whole request's time counts
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve once, check every address there is, and connect to the first."""
        addresses = self._resolve(host, port)
        if not addresses:
            raise httpcore.ConnectError(f"{host} has no address")
        for address in addresses:
            check_address(address, self._rules)
        stream = httpcore.SyncBackend().connect_tcp(
            addresses[0], port, self._clock.left(), local_address, socket_options
        )
        return _GuardedStream(stream, self._clock)


class _GuardedStream(httpcore.NetworkStream):
    """A connection that ends with its time, or with too much read."""

    def __init__(
        self, stream: httpcore.NetworkStream, clock: "_Clock", read_bytes: int = 0
    ) -> None:
        self._stream = stream
        self._clock = clock
        self._read_bytes = read_bytes

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        """The next bytes of the answer."""
        content = self._stream.read(max_bytes, self._clock.left())
        self._read_bytes += len(content)
        if self._read_bytes > MOST_BYTES:
            raise httpcore.ReadError(f"the answer is longer than {MOST_BYTES} bytes")
        return content

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        """Send bytes of the request."""
        self._stream.write(buffer, self._clock.left())

    def close(self) -> None:
        """Leave at once."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """Go on encrypted, with the certificate of the name."""
        stream = self._stream.start_tls(ssl_context, server_hostname, self._clock.left())
        return _GuardedStream(stream, self._clock, self._read_bytes)

    def get_extra_info(self, info: str) -> Any:
        """What the connection knows of itself."""
        return self._stream.get_extra_info(info)


class _Clock:
    """How much time a request has left."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("there was no answer in time")
        return left


def _resolve(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"{host} has no address ({error})") from None
    return [str(entry[4][0]) for entry in found]


def _is_public(address: Any) -> bool:
    if address.version == 6 and (  # noqa: PLR2004
        address not in _GLOBAL_UNICAST or any(address in network for network in _CARRYING)
    ):
        return False
    return bool(address.is_global) and not (address.is_multicast or address.is_reserved)


def _is_own_machine(host: str) -> bool:
    address = _address(host)
    return host == "localhost" or bool(address and ipaddress.ip_address(address).is_loopback)


def _address(host: str) -> str | None:
    """The address a host is, as every resolver reads it: also "2130706433" and "0x7f.1"."""
    try:
        return str(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return None
