"""Where requests to addresses of strangers may go: the public network, and nowhere else."""

import httpcore
import pytest

from chainfin.client import outbound
from chainfin.client.outbound import DestinationRefused, Rules, check_address, check_url

CLOSED = Rules()
EMBEDDED = Rules(allows_loopback=True)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 - refused, not bound
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.5.4",
        "192.0.2.7",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2001:0:5ef5:79fb:0:59c:5601:5601",
        "2002:7f00:1::",
        "2001:db8::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1%eth0",
        "ff02::1",
    ],
)
def test_address__that_is_not_public__is_refused(address: str) -> None:
    with pytest.raises(DestinationRefused):
        check_address(address, CLOSED)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.215.14", "2606:4700:4700::1111"])
def test_address__that_is_public__is_allowed(address: str) -> None:
    check_address(address, CLOSED)


@pytest.mark.parametrize(
    "url",
    [
        "http://bank.example/hook",
        "https://bank.example:8443/hook",
        "https://user:word@bank.example/",
        "https://bank.example/#part",
        "https:///hook",
        "https://bank.example:port/",
        "https://bank .example/",
        "https://b\u00e4nk.example/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest/meta-data",
        "ftp://bank.example/",
        "file:///etc/passwd",
    ],
)
def test_url__that_no_request_may_go_to__is_refused(url: str) -> None:
    with pytest.raises(DestinationRefused):
        check_url(url, CLOSED)


def test_url__over_https_to_a_name__is_allowed() -> None:
    check_url("https://bank.example/hooks?for=chainfin", CLOSED)
    check_url("https://bank.example:443/hooks", CLOSED)


def test_loopback__is_for_the_embedded_network_alone() -> None:
    check_url("http://127.0.0.1:9000/hook", EMBEDDED)
    check_url("http://localhost:9000/hook", EMBEDDED)
    for url in ("http://127.0.0.1:9000/hook", "https://localhost:9000/"):
        with pytest.raises(DestinationRefused):
            check_url(url, CLOSED)
    for address in ("10.0.0.1", "169.254.169.254", "::ffff:192.168.0.1"):
        with pytest.raises(DestinationRefused):
            check_address(address, EMBEDDED)


@pytest.mark.fault("F31", "name that answers otherwise the second time")
def test_f31__name_that_answers_otherwise_the_second_time__is_asked_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DNS rebinding: what is connected to is what was checked."""
    answers = [["93.184.215.14"], ["169.254.169.254"]]
    connected = []

    class Recording(httpcore.SyncBackend):
        def connect_tcp(self, host, *_arguments, **_options):
            connected.append(host)
            raise httpcore.ConnectError("no network in this test")

    monkeypatch.setattr(httpcore, "SyncBackend", Recording)

    with pytest.raises(outbound.DeliveryFailed):
        outbound.post("https://rebind.example/", b"", {}, CLOSED, resolve=lambda *_: answers.pop(0))

    assert connected == ["93.184.215.14"]
    assert len(answers) == 1


@pytest.mark.parametrize("others", [["10.0.0.1"], ["93.184.215.14", "127.0.0.1"]])
def test_f31__name_with_any_address_inside__is_refused_unconnected(others: list[str]) -> None:
    with pytest.raises(DestinationRefused):
        outbound.post("https://inside.example/", b"", {}, CLOSED, resolve=lambda *_: others)
