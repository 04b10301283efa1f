"""Where a webhook may lead: not into the platform's own network, whatever the address looks like."""

from ipaddress import ip_network

import pytest

from services.portal.webhooks import targets

PUBLIC = "https://93.184.216.34"
PORTS = (443, 8443)


async def words(url: str, *networks: str) -> str:
    refused = await targets.refusal(url, [ip_network(each) for each in networks], PORTS)
    return refused.message if refused else ""


@pytest.mark.parametrize("url", [f"{PUBLIC}/duban", f"{PUBLIC}:8443/a?b=c", "https://[2606:2800:220:1::1]/x"])
async def test_a_public_address_over_https_is_taken(url):
    assert await words(url) == ""


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "2130706433", "0x7f000001", "127.1", "0.0.0.0", "10.1.2.3", "172.16.0.1",
        "192.168.1.1", "100.64.0.1", "100.100.100.200", "169.254.169.254", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:a00:1]", "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]",
        "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2001::1]", "[ff02::1]",
    ],
)  # fmt: skip
async def test_an_inner_address_is_refused_however_it_is_written(host):
    assert "内部网络" in await words(f"https://{host}/hook")


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("http://93.184.216.34/x", "https://"),
        ("ftp://93.184.216.34/x", "应为网址"),
        ("https://user:word@93.184.216.34/x", "用户名和口令"),
        ("https://93.184.216.34@127.0.0.1/x", "用户名和口令"),
        ("https://93.184.216.34/x#part", "#"),
        ("https://93.184.216.34:22/x", "端口 22"),
        ("https://93.184.216.34:99999/x", "不是有效的网址"),
        ("https://93.184.216.34\\@127.0.0.1/", "应为网址"),
        ("https://93.184.216.34/ x", "应为网址"),
        ("https://督办.example/x", "xn--"),
        ("https:///x", "应为网址"),
        ("https://[fe80::1%25lo]/x", "应为网址"),
        ("https://[zz]/x", "不是有效的网址"),
        ("https://nowhere.invalid/x", "不能解析"),
        ("//93.184.216.34/x", "应为网址"),
    ],
)
async def test_what_is_wrong_with_an_address_is_said_in_words(url, remedy):
    assert remedy in await words(url), await words(url)


async def test_an_operator_opens_a_network_of_the_platform_and_never_link_local():
    assert await words("https://10.1.2.3/hook", "10.0.0.0/8") == ""
    assert await words("http://localhost:5000/hook", "127.0.0.0/8", "::1/128") == ""
    assert "https://" in await words("http://10.1.2.3/hook", "10.0.0.0/8")
    assert "内部网络" in await words("https://10.1.2.3/hook", "192.168.0.0/16")
    assert "内部网络" in await words("https://169.254.169.254/latest", "0.0.0.0/0")
