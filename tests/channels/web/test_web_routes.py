"""The web channel through its door."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from web_place import Place, TestClient, a_place

from bot.channels.web.browser import COOKIE
from bot.conversation.message import Form

TEXT = "my back is on fire today"
OWN_ID = "client-id-1"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = a_place(tmp_path)
    yield made
    made.store.close()


def post(browser: TestClient, **body: Any) -> int:
    status: int = browser.post("/try/messages", json={"id": OWN_ID, **body}).status_code
    return status


def test_a_text_is_taken_in_and_shown(place: Place) -> None:
    browser = place.client()
    assert post(browser, text=TEXT) == 200
    [came] = place.came
    assert (came.channel, came.form, came.text, came.prompt, came.start_code) == ("web", Form.TEXT, TEXT, None, None)
    assert len(came.address) == 32
    assert came.provider_key.startswith("web:")
    assert came.provider_key.endswith(f":{OWN_ID}")
    assert came.address not in came.provider_key  # it stands in clear in the inbox
    news = browser.get("/try/messages").json()
    assert [(message["from"], message["text"]) for message in news["messages"]] == [("you", TEXT)]
    assert news["writing"]


def test_a_press_names_its_prompt(place: Place) -> None:
    assert post(place.client(), prompt=7, choice=2, text="No") == 200
    [came] = place.came
    assert (came.form, came.prompt, came.choice, came.text) == (Form.BUTTON, 7, 2, "No")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"text": "JOIN k7qm"}, "K7QM"),
        ({"text": "Hello", "code": "k7qm"}, "K7QM"),
        ({"text": "Hello", "code": "Zk3_q-9aBcDeFg"}, "Zk3_q-9aBcDeFg"),
        ({"text": "JOIN k7qm", "prompt": 1, "choice": 1}, None),
    ],
)
def test_an_invitation_comes_by_link_or_text(place: Place, body: dict[str, Any], code: str | None) -> None:
    assert post(place.client(), **body) == 200
    assert place.came[0].start_code == code


def test_only_what_is_new_is_told(place: Place) -> None:
    browser = place.client()
    post(browser, text="one")
    first = browser.get("/try/messages").json()
    place.say(place.came[0].address, "two", ("Yes", "No"))
    place.answered(place.came[0].address)
    second = browser.get(f"/try/messages?after={first['after']}").json()
    [message] = second["messages"]
    assert (message["from"], message["text"], message["buttons"]) == ("coach", "two", ["Yes", "No"])
    assert message["id"] == f"coach-{message['prompt']}"
    assert not second["writing"]
    assert browser.get(f"/try/messages?after={second['after']}").json()["messages"] == []


def test_the_stream_tells_the_same_and_resumes(place: Place) -> None:
    browser = place.client()
    post(browser, text="one")
    place.answered(place.came[0].address)
    answer = browser.get("/try/stream")
    assert answer.headers["content-type"].startswith("text/event-stream")
    event, *beats = answer.text.strip().split("\n\n")
    number, data = event.split("\n")
    assert json.loads(data.removeprefix("data: ")) == browser.get("/try/messages").json()
    assert beats[0] == "event: beat\ndata: 1"
    again = browser.get("/try/stream", headers={"last-event-id": number.removeprefix("id: ")})
    assert '"messages": []' in again.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "none"}, 403),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
        ({"cookie": f"{COOKIE}=0123456789abcdef0123456789abcdef.forged"}, 401),
    ],
)
def test_what_is_not_our_page_is_refused(place: Place, headers: dict[str, str], status: int) -> None:
    browser = place.client()
    if "cookie" in headers:
        browser.cookies.clear()
    body = json.dumps({"id": OWN_ID, "text": TEXT})
    given = {"content-type": "application/json", **headers}
    assert browser.post("/try/messages", content=body, headers=given).status_code == status
    assert place.came == []


@pytest.mark.parametrize("path", ["/try/messages", "/try/stream", "/try/images/1"])
def test_reading_needs_the_cookie_and_the_own_site(place: Place, path: str) -> None:
    assert place.client(**{"sec-fetch-site": "cross-site"}).get(path).status_code == 403
    assert TestClient(place.app()).get(path).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "[]",
        '{"id": "client-id-1"}',
        '{"id": "client-id-1", "text": ""}',
        '{"id": "client-id-1", "text": 5}',
        '{"id": "short", "text": "a"}',
        '{"id": "client id 1", "text": "a"}',
        '{"id": "client-id-1", "text": "a", "prompt": 1}',
        '{"id": "client-id-1", "text": "a", "choice": 1}',
        '{"id": "client-id-1", "text": "a", "prompt": 1, "choice": 0}',
        '{"id": "client-id-1", "text": "a", "address": "another"}',
        '{"id": "client-id-1", "text": "a", "code": "a b c d"}',
    ],
)
def test_what_is_malformed_is_refused(place: Place, body: str) -> None:
    answer = place.client().post("/try/messages", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()) == (422, {"error": "malformed"})


def test_a_body_over_64_kb_is_refused(place: Place) -> None:
    browser = place.client()
    assert post(browser, text="ä" * 33_000) == 413
    assert post(browser, text="a" * 60_000) == 200


def test_unstorable_characters_are_replaced(place: Place) -> None:
    body = '{"id": "client-id-1", "text": "a\\ud83d b\\u0000"}'
    answer = place.client().post("/try/messages", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (200, 422)
    assert all("\0" not in came.text and "\ud83d" not in came.text for came in place.came)


def test_too_many_messages_wait_and_another_browser_does_not(place: Place) -> None:
    browser = place.client()
    statuses = [post(browser, id=f"client-id-{number}", text="a") for number in range(31)]
    assert statuses == [200] * 30 + [429]
    assert browser.post("/try/messages", json={}).headers["retry-after"] == "10"
    assert post(place.client(), text="a") == 200


def test_a_store_that_is_away_asks_to_come_again(place: Place) -> None:
    browser = place.client()
    place.away = True
    answer = browser.post("/try/messages", json={"id": OWN_ID, "text": TEXT})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def test_the_cookie_stays_until_the_person_starts_afresh(place: Place) -> None:
    browser = place.client()
    before = browser.cookies[COOKIE]
    browser.get("/try")
    assert browser.cookies[COOKIE] == before
    post(browser, text=TEXT)
    assert browser.post("/try/afresh").status_code == 200
    assert browser.cookies[COOKIE] != before
    assert browser.get("/try/messages").json()["messages"] == []
    assert browser.post("/try/afresh", headers={"origin": "https://evil.example"}).status_code == 403


@pytest.mark.parametrize(("public", "secure"), [("https://coach.example", True), ("", False)])
def test_the_cookie_is_closed_to_scripts_and_other_sites(place: Place, public: str, secure: bool) -> None:
    place.settings = place.settings.model_copy(update={"public_url": public})
    given = TestClient(place.app()).get("/try").headers["set-cookie"]
    assert "HttpOnly" in given and "SameSite=lax" in given and "Path=/try" in given
    assert ("Secure" in given) is secure


def test_the_page_runs_nothing_but_its_own_files(place: Place) -> None:
    browser = place.client()
    page = browser.get("/try")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert page.headers["cache-control"] == "no-store"
    assert " style=" not in page.text and " onclick=" not in page.text and "<noscript>" in page.text
    for name in ("chat.js", "chat.css", "icon.svg"):
        file = browser.get(f"/try/static/{name}")
        assert file.status_code == 200
        assert browser.get(file.url.path, headers={"if-none-match": file.headers["etag"]}).status_code == 304
    assert browser.get("/try/static/..%2froutes.py").status_code == 404
    assert browser.get("/try/static/routes.py").status_code == 404


def test_a_picture_is_shown_to_its_own_browser_only(place: Place) -> None:
    browser = place.client()
    post(browser, text=TEXT)
    row = place.say(place.came[0].address, "Your week", image=b"\x89PNG picture")
    [message] = [shown for shown in browser.get("/try/messages").json()["messages"] if shown["from"] == "coach"]
    assert message["image"] == f"/try/images/{row}"
    picture = browser.get(message["image"])
    assert (picture.content, picture.headers["content-type"]) == (b"\x89PNG picture", "image/png")
    assert place.client().get(message["image"]).status_code == 404


def test_the_numbers_need_neither_cookie_nor_script(place: Place) -> None:
    anybody = TestClient(place.app())
    body = anybody.get("/try/numbers").json()
    assert (body["default"], [country["code"] for country in body["countries"]]) == ("GB", ["GB", "XX"])
    assert body["countries"][0]["lines"][0]["href"] == "tel:999"
    page = anybody.get("/try/numbers", headers={"accept": "text/html,*/*"}).text
    assert '<a href="tel:999">Call 999</a>' in page and "Call your local emergency number" in page


def test_no_text_address_or_id_reaches_the_log(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    with structlog.testing.capture_logs() as records:
        browser = place.client()
        post(browser, text=TEXT)
        browser.post("/try/messages", content=f'{{"text": "{TEXT}"', headers={"content-type": "application/json"})
        browser.get("/try/messages?after=nonsense")
        place.away = True
        post(browser, text=TEXT)
    said = json.dumps(records) + caplog.text
    assert len(records) == 4
    assert TEXT not in said and place.came[0].address not in said and OWN_ID not in said
