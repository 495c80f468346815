"""Requests without a session, from other origins or to other paths are refused."""

from __future__ import annotations

import sqlite3

from starlette.testclient import TestClient

from mtrs_geo.craft.audit.access import Access
from mtrs_geo.craft.audit.application import make_application
from mtrs_geo.craft.project import Project

BASE = "http://127.0.0.1:8766"
VERDICT = (
    b'{"kind":"verdict","key":"1|0|Ana","round":0,"mask_right":true,"sentence_right":true,'
    b'"complete":true,"seconds":%s}'
)
ADDRESSES = (
    "/", "/queue", "/next", "/dashboard", "/plots/seconds.svg", "/items/1", "/name",
    "/static/item.js", "/pairs/1/before/0/0/0.png", "/items/1/masks/0/0/0/0.png",
)  # fmt: skip


def verdict(page, item, **more):
    key = page.partition("&#34;key&#34;: &#34;")[2].partition("&#34;")[0]
    answers = {"mask_right": True, "sentence_right": True, "complete": True}
    return (
        {"kind": "verdict", "key": key, "round": 0, "seconds": 3.5, "reason": ""} | answers | more
    )


def count(site):
    return site.project.connection.execute("SELECT COUNT(*) FROM verdicts").fetchone()[0]


def test_nothing_is_answered_without_a_session(site):
    client = TestClient(site.application, base_url=BASE, follow_redirects=False)
    for address in ADDRESSES:
        answer = client.get(address)
        assert answer.status_code == 403, address
        assert "house" not in answer.text
    answer = client.post("/items/1/verdict", json={}, headers={"origin": BASE})
    assert answer.status_code == 403


def test_a_wrong_token_gives_no_session(site):
    client = TestClient(site.application, base_url=BASE, follow_redirects=False)
    for token in ("", "token-of-an", "token-of-anaa", "ü", "%00"):
        answer = client.get("/enter", params={"token": token})
        assert answer.status_code == 403, token
        assert "set-cookie" not in answer.headers


def test_the_token_becomes_a_cookie_that_scripts_cannot_read(site):
    client = TestClient(site.application, base_url=BASE, follow_redirects=False)
    answer = client.get("/enter?token=token-of-ana")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("mtrs_geo_audit_8766=")
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "token-of-ana" not in cookie


def test_another_host_is_refused(ana):
    others = ("evil.example", "evil.example:8766", "127.0.0.1.evil.example", "192.168.1.7:8766", "")
    for host in others:
        assert ana.client.get("/queue", headers={"host": host}).status_code == 403, host


def test_names_of_a_server_for_other_machines():
    access = Access("0.0.0.0", 80, {})
    assert access.allows_host("192.168.1.7:80")
    assert access.allows_host("[fe80::1]:80")
    assert not access.allows_host("evil.example")
    assert Access("audit.example", 80, {}).allows_host("audit.example:80")
    assert not Access("127.0.0.1", 80, {}).allows_host("[")


def test_a_verdict_of_another_page_is_refused(site, ana):
    page = ana.page("/items/1")
    for headers in (
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "null"},
        {"x-csrf-token": "guess"},
        {"x-csrf-token": ""},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ):
        answer = ana.post("/items/1/verdict", verdict(page, 1), **headers)
        assert answer.status_code == 403, headers
    assert count(site) == 0
    assert ana.post("/items/1/verdict", verdict(page, 1)).status_code == 200
    assert count(site) == 1


def test_a_csrf_token_belongs_to_one_session(site, ana, ben):
    page = ben.page("/items/1")
    answer = ben.post("/items/1/verdict", verdict(page, 1), **{"x-csrf-token": ana.csrf})
    assert answer.status_code == 403


def test_text_of_the_project_is_escaped_everywhere(site, ana, ben):
    ana.post("/items/1/edit", {"round": 0, "sentence": "<script>alert(2)</script>"})
    page = ana.page("/items/1")
    answer = ana.post(
        "/items/1/verdict", verdict(page, 1, round=1, mask_right=False, reason="<img onerror=x>")
    )
    assert answer.status_code == 200, answer.text
    for address in ("/items/1", "/items/2", "/queue?shown=rejected", "/queue", "/dashboard"):
        text = ben.page(address)
        scripts = text.count("<script")
        assert scripts == text.count('<script type="module" src="/static/') == 1
        assert "<img onerror" not in text
        assert "<b>place" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in ben.page("/items/1")
    assert "&lt;img onerror=x&gt;" in ben.page("/items/1")


def test_every_answer_has_a_strict_policy(ana):
    for address in ("/queue", "/static/item.js", "/items/999", "/pairs/1/before/0/0/0.png"):
        headers = ana.client.get(address).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
    plot = ana.client.get("/plots/seconds.svg").headers["content-security-policy"]
    assert "script" not in plot


def test_no_path_of_a_request_is_opened(ana):
    for address in (
        "/static/../application.py", "/static/%2e%2e/application.py", "/static//etc/passwd",
        "/pairs/1/..%2fproject.db/0/0/0.png", "/pairs/1/%2fetc%2fpasswd/0/0/0.png",
        "/plots/..%2fitem.svg", "/pairs/2/before/0/0/0.png", "/pairs/1/before/0/9/9.png",
        "/pairs/1/before/99999999999/0/0.png", "/items/1/masks/7/0/0/0.png",
    ):  # fmt: skip
        answer = ana.client.get(address)
        assert answer.status_code == 404, (address, answer.text)


def test_an_image_that_is_no_image_is_not_opened(site, ana, tmp_path):
    (tmp_path / "before.png").write_text("<VRTDataset rasterXSize='9'></VRTDataset>")
    answer = ana.client.get("/pairs/1/before/0/0/0.png")
    assert answer.status_code == 400
    assert "is none of BMP, GTiff" in answer.json()["message"]
    (tmp_path / "before.png").unlink()
    assert "cannot be read" in ana.client.get("/pairs/1/before/0/0/0.png").json()["message"]


def test_an_image_that_was_replaced_is_not_shown(site, ana, tmp_path):
    address, path = "/pairs/1/after/0/0/0.png", tmp_path / "after.png"
    first, old = ana.client.get(address), path.read_bytes()
    path.write_bytes((tmp_path / "before.png").read_bytes())
    answer = ana.client.get(address)
    assert answer.status_code == 400
    assert answer.json()["message"] == "after.png has changed since it was added to project.db."
    path.write_bytes(old)
    assert ana.client.get(address).content == first.content


def test_a_broken_request_changes_nothing(site, ana):
    headers = {"origin": BASE, "x-csrf-token": ana.csrf}
    for body in (
        b"", b"[1]", b"{", b'{"kind": "verdict"}', b'{"kind": 3}', b'{"kind": "x", "key": ""}',
        b'{"kind":"verdict","key":"1|0|Ana","round":0,"mask_right":1}', b"\xff\xfe",
        b'{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}",
        *(VERDICT % seconds for seconds in (b"NaN", b"1e999", b"1" + b"0" * 400, b'"\\ud800"')),
        VERDICT.replace(b"Ana", b"\\ud800") % b"3",
    ):  # fmt: skip
        answer = ana.client.post("/items/1/verdict", content=body, headers=headers)
        assert answer.status_code == 400, (body, answer.text)
        assert answer.json()["message"]
    assert count(site) == 0


def test_a_number_that_no_row_has_is_not_found(ana):
    many = "9" * 20
    for address in (
        f"/items/{many}", f"/pairs/{many}/before/0/0/0.png", f"/items/1/masks/{many}/0/0/0.png",
    ):  # fmt: skip
        assert ana.client.get(address).status_code == 404, address
    assert ana.post(f"/items/{many}/edit", {"round": 0, "sentence": "x"}).status_code == 404
    body = {"action": "add", "key": "0" * 8, "round": 0}
    stroke = {"tool": "brush", "radius_px": 3, "points": [[10**400, 1]]}
    answer = ana.post("/items/1/stroke", body | {"stroke": stroke})
    assert answer.status_code == 400
    assert "the stroke cannot be read" in answer.json()["message"]


def test_a_large_request_is_refused(ana):
    headers = {"origin": BASE, "x-csrf-token": ana.csrf}
    body = b'{"sentence": "' + b"x" * (2 << 20) + b'"}'
    assert ana.client.post("/items/1/edit", content=body, headers=headers).status_code == 413


def test_a_person_gives_a_name_once(site):
    person = site.browser("token-of-all")
    assert "Who judges?" in person.page("/queue")
    for wrong in ("", "  ", "x" * 61, "a\nb", "a\u202eb"):
        assert person.post("/name", {"auditor": wrong}).status_code == 400
    assert person.post("/name", {"auditor": "  <i>Zoë</i> "}).json() == {"go": "/queue"}
    assert "&lt;i&gt;Zoë&lt;/i&gt;" in person.page("/queue")
    person.post("/name", {"auditor": "Ana"})
    assert "Zoë" in person.page("/queue")


def test_connections_are_closed_at_the_end(tmp_path, site):
    with TestClient(make_application(site.path, Access("127.0.0.1", 1, {"t": "Ana"})),
                    base_url="http://127.0.0.1:1") as client:  # fmt: skip
        client.get("/enter?token=t")
    site.project.close()
    with sqlite3.connect(site.path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    Project(site.path).close()
