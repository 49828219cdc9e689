"""Where messages may go: to known push services, at public addresses, and nowhere else (D-87)."""

import pytest

from server.endpoints import Allowed

GOOD = [
    ("https://fcm.googleapis.com/fcm/send/dGVzdA:APA91bF_x-Y", "fcm.googleapis.com"),
    ("https://updates.push.services.mozilla.com/wpush/v2/gAAAAA_-x", "updates.push.services.mozilla.com"),
    ("https://web.push.apple.com/QGuQyavXutnMH", "web.push.apple.com"),
    ("https://wns2-par02p.notify.windows.com/w/?token=BQYA%2b%3d", "wns2-par02p.notify.windows.com"),
    ("https://push.county.example/x", "push.county.example"),
]
BAD = [
    "",
    "https://",
    "https://evil.example/x",
    "http://fcm.googleapis.com/x",
    "ftp://fcm.googleapis.com/x",
    "//fcm.googleapis.com/x",
    "fcm.googleapis.com/x",
    "HTTPS://fcm.googleapis.com/x",
    "https://FCM.googleapis.com/x",
    "https://fcm.googleapis.com",
    "https://fcm.googleapis.com:443/x",
    "https://fcm.googleapis.com:8443/x",
    "https://fcm.googleapis.com:/x",
    "https://user@fcm.googleapis.com/x",
    "https://user:word@fcm.googleapis.com/x",
    "https://fcm.googleapis.com@evil.example/x",
    "https://fcm.googleapis.com\\@evil.example/x",
    "https://fcm.googleapis.com#@evil.example/x",
    "https://fcm.googleapis.com?@evil.example/x",
    "https://fcm.googleapis.com./x",
    "https://fcm.googleapis.com.evil.example/x",
    "https://evil-fcm.googleapis.com/x",
    "https://a.fcm.googleapis.com/x",
    "https://push.apple.com/x",
    "https://evilpush.apple.com.example/x",
    "https://web.push.apple.com.evil.example/x",
    "https://a..push.apple.com/x",
    "https://.push.apple.com/x",
    "https://a/.push.apple.com/x",
    "https://a.county.example/x",
    f"https://{'a' * 64}.push.apple.com/x",
    f"https://{'a.' * 9}push.apple.com/x",
    "https://127.0.0.1/x",
    "https://2130706433/x",
    "https://0x7f.1/x",
    "https://[::1]/x",
    "https://localhost/x",
    "http://127.0.0.1:8000/x",
    "https://fcm。googleapis。com/x",
    "https://ｆcm.googleapis.com/x",
    "https://fcm.googleapis.com/x y",
    "https://fcm.googleapis.com/x\r\nHost: evil.example",
    "https://fcm.googleapis.com/x#part",
    " https://fcm.googleapis.com/x",
    "https://fcm.googleapis.com/x\n",
    "https://fcm.googleapis.com/" + "x" * 2_000,
]
PRIVATE = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.2.1",
    "192.168.1.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::a00:1",
    "2001:db8::1",
    "2001:0:a00:1::1",
    "2002:a00:1::1",
    "fc00::1",
    "fe80::1",
    "fe80::1%eth0",
    "ff02::1",
    "not an address",
    "2130706433",
]


@pytest.mark.parametrize(("address", "host"), GOOD)
def test_d87_the_known_services_and_exact_hosts_of_the_settings_are_allowed(address, host):
    endpoint = Allowed(hosts=("push.county.example",)).endpoint(address)
    assert endpoint is not None
    assert (endpoint.scheme, endpoint.host, endpoint.port) == ("https", host, 443)
    assert f"https://{host}{endpoint.target}" == address


@pytest.mark.parametrize("address", BAD)
def test_d87_everything_else_is_refused(address):
    assert Allowed(hosts=("push.county.example",)).endpoint(address) is None


@pytest.mark.parametrize("address", PRIVATE)
def test_d87_an_address_that_is_not_public_is_never_connected_to(address):
    assert not Allowed().address(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "142.250.74.10", "2a00:1450:4010:c0d::5f"])
def test_d87_a_public_one_is(address):
    assert Allowed().address(address)


def test_d87_loopback_is_open_in_a_test_alone():
    testing = Allowed(loopback=True)
    endpoint = testing.endpoint("http://127.0.0.1:8000/x")
    assert endpoint is not None
    assert endpoint.origin == "http://127.0.0.1:8000"
    assert testing.address("127.0.0.1")
    assert not testing.address("10.0.0.1")
    assert testing.endpoint("http://127.0.0.1:99999/x") is None
    assert testing.endpoint("http://evil.example:8000/x") is None
