"""Every answer of the public port has the secure headers; none leads where a request says, or tells what it is built of."""

from __future__ import annotations

from pathlib import Path

import pytest
from doors import HERE, Doors, open_doors

STRANGE = (
    ("GET", "/nowhere"),
    ("GET", "/console"),
    ("GET", "/try/"),
    ("GET", "/console/nowhere/"),
    ("GET", "/page/x/"),
    ("GET", "/console/static/../../app.py"),
    ("GET", "/console/static/%2e%2e/%2e%2e/app.py"),
    ("GET", "/console/static/..%2f..%2fapp.py"),
    ("GET", "/console/static/%2fetc%2fpasswd"),
    ("GET", "/try/static/..%2f..%2fpages.py"),
    ("GET", "/try/static/%00"),
    ("DELETE", "/console/"),
    ("PUT", "/try/messages"),
    ("TRACE", "/"),
    ("OPTIONS", "/console/login"),
    ("POST", "/healthz"),
)
ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-robots-tag": "noindex, nofollow",
    "strict-transport-security": "max-age=31536000",
}


def test_every_answer_has_the_secure_headers(doors: Doors) -> None:
    client = doors.client()
    paths = [*doors.paths(), *STRANGE]
    assert len(paths) > 70
    for method, path in paths:
        if path in ("/console/stream", "/try/stream"):
            continue  # with nobody logged in they end at once; asked below
        for headers in ({}, {"origin": HERE, "sec-fetch-site": "same-origin"}):
            answer = client.request(method, path, headers=headers)
            where = f"{method} {path}: {answer.status_code}"
            assert answer.status_code < 500 or path == "/readyz", where  # there is no Rasa here
            assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS, where
            policy = answer.headers["content-security-policy"]
            assert policy.startswith("default-src 'none'"), where
            assert "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy and "unsafe" not in policy, where
            assert answer.headers["cache-control"] in (
                ("no-cache", "no-store") if "/static/" in path else ("no-store",)
            ), where
            assert "server" not in answer.headers and "x-powered-by" not in answer.headers, where


@pytest.mark.parametrize("path", ["/console/stream", "/try/stream"])
def test_a_stream_that_is_refused_has_them_too(doors: Doors, path: str) -> None:
    answer = doors.client().get(path)
    assert answer.status_code == 401 and answer.headers["x-frame-options"] == "DENY"


def test_an_error_that_nobody_thought_of_has_them_and_says_nothing(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks() -> bool:
        raise RuntimeError("what a person wrote")

    monkeypatch.setattr(doors.gateway, "is_ready", breaks)
    answer = doors.client().get("/readyz")
    assert answer.status_code == 500 and "person" not in answer.text
    assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS


HOSTS = {"host": "evil.example", "x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}


@pytest.mark.parametrize("name", HOSTS)
def test_no_answer_names_the_host_that_a_request_names(doors: Doors, name: str) -> None:
    client = doors.client()
    for method, path in [*doors.paths(), *STRANGE]:
        if method != "HEAD" and not path.endswith("/stream"):
            answer = client.request(method, path, headers={name: HOSTS[name]})
            assert "evil.example" not in answer.text, f"{method} {path}"
            assert not any("evil.example" in value for value in answer.headers.values()), f"{method} {path}"


LEADS_AWAY = (
    "//evil.example",
    "/%2fevil.example",
    "/\\evil.example",
    "/console//evil.example",
    "/console/login//evil.example",
)


@pytest.mark.parametrize("path", LEADS_AWAY)
def test_no_path_leads_away(doors: Doors, path: str) -> None:
    place = doors.client().get(f"{HERE}{path}").headers.get("location", "/console/")
    assert place.startswith(("/console/", "/try")) and "evil" not in place.partition("?")[0]


def test_nothing_is_read_besides_the_pages_own_files(doors: Doors) -> None:
    for path in (path for _, path in STRANGE if "static" in path):
        answer = doors.client().get(path)
        assert answer.status_code in (303, 404) and "import" not in answer.text and "root:" not in answer.text, path


@pytest.mark.parametrize(("public_url", "is_secure"), [("https://coach.example", True), ("", False)])
def test_cookies_say_how_they_may_travel(tmp_path: Path, public_url: str, is_secure: bool) -> None:
    doors = open_doors(tmp_path, public_url=public_url, twilio_call_from="", telegram_token="")
    try:
        for path, name, same_site in (("/console/login", "evenday_visit", "strict"), ("/try", "evenday_chat", "lax")):
            (cookie,) = doors.client().get(path).headers.get_list("set-cookie")
            flags = {flag.strip().lower() for flag in cookie.split(";")[1:]}
            assert {"httponly", f"samesite={same_site}"} <= flags, cookie
            assert ("secure" in flags) is is_secure and not any(flag.startswith("domain") for flag in flags), cookie
            assert cookie.startswith("__Host-") is (is_secure and name != "evenday_chat"), cookie
    finally:
        doors.close()
