"""GraphiQL in a real browser: it answers, and nothing it does leaves the server it came from."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    Route,
    expect,
    sync_playwright,
)

CHROMIUM = shutil.which("chromium")
# The editor and its three workers start on a machine that may be busy with other tests.
PATIENCE_MS = 30_000

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]


@dataclass
class _Visit:
    """A page and everything that must not happen on it."""

    page: Page
    origin: str
    requested: list[str] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        context.route("**/*", self._admit)
        context.on("request", lambda request: self.requested.append(request.url))
        self.page.on("websocket", lambda socket: self.requested.append(socket.url))
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        # Chromium also logs violations; the event names the directive.
        self.page.add_init_script(
            "addEventListener('securitypolicyviolation', event =>"
            " console.error('policy violation', event.violatedDirective, event.blockedURI))"
        )

    def _admit(self, route: Route) -> None:
        if self._is_ours(route.request.url):
            route.continue_()
            return
        self.blocked.append(route.request.url)
        route.abort()

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def _is_ours(self, address: str) -> bool:
        # data: and blob: addresses never reach a network.
        parts = urlsplit(address)
        return parts.scheme in {"data", "blob"} or parts.netloc == urlsplit(self.origin).netloc

    def assert_clean(self) -> None:
        assert self.blocked == []
        assert [address for address in self.requested if not self._is_ours(address)] == []
        assert self.errors == []


@contextmanager
def _visit(origin: str) -> Iterator[_Visit]:
    host = urlsplit(origin).hostname
    arguments = [
        "--no-sandbox",  # the tests may run as root, in a container
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {host}",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.set_default_timeout(PATIENCE_MS)
        visit = _Visit(context.new_page(), origin)
        visit.watch(context)
        try:
            yield visit
        finally:
            browser.close()


def _open(page: Page, origin: str) -> Response:
    response = page.goto(urljoin(origin, "/graphiql"))
    assert response is not None
    expect(page.locator(".graphiql-query-editor .view-line").first).to_be_visible(timeout=PATIENCE_MS)
    return response


def _operations(page: Page, origin: str) -> list[dict[str, Any]]:
    response = page.request.get(urljoin(origin, "/graphiql/operations.json"))
    operations: list[dict[str, Any]] = response.json()
    assert len(operations) > 1
    return operations


def _run(page: Page, query: str) -> tuple[Request, dict[str, Any]]:
    """Press the run button; the request for this query and its answer, once the result pane shows one."""

    def is_answer(response: Response) -> bool:
        body = response.request.post_data_json if response.request.method == "POST" else None
        return isinstance(body, dict) and query.strip() in body["query"]

    with page.expect_response(is_answer) as waiting:
        page.get_by_role("button", name="Execute query").click()
    expect(page.locator(".graphiql-response")).to_contain_text('"data"')
    return waiting.value.request, waiting.value.json()


def test_a_first_visit_runs_the_first_operation_and_nothing_leaves_the_origin(base_url: str) -> None:
    with _visit(base_url) as visit:
        page = visit.page
        response = _open(page, base_url)
        assert "default-src 'none'" in response.headers["content-security-policy"]
        assert page.title() == "Roadmap Graph · GraphiQL"

        operations = _operations(page, base_url)
        _, answer = _run(page, operations[0]["query"])
        assert answer["data"]
        assert "errors" not in answer
        expect(page.locator(".graphiql-response")).not_to_contain_text('"errors"')

        # Formatting and completion are what the workers and the lazily loaded parts are for.
        page.get_by_role("button", name="Prettify query").click()
        page.get_by_role("button", name="Show Documentation Explorer").click()
        docs = page.locator(".graphiql-doc-explorer")
        docs.get_by_role("link", name="Query", exact=True).click()
        expect(docs).to_contain_text("Fields")
        page.wait_for_load_state("networkidle")
        visit.assert_clean()


def test_an_operation_of_the_list_opens_in_a_tab_with_its_variables(base_url: str) -> None:
    with _visit(base_url) as visit:
        page = visit.page
        _open(page, base_url)
        operations = _operations(page, base_url)
        chosen = next((one for one in operations[1:] if one["variables"]), operations[1])

        pane = page.get_by_role("region", name="Operations")
        expect(pane.get_by_role("button")).to_have_count(len(operations))
        pane.get_by_role("button", name=chosen["title"]).first.click()

        expect(page.get_by_role("tab")).to_have_count(2)
        expect(page.get_by_role("tab").nth(1)).to_have_attribute("aria-selected", "true")
        first_line = chosen["query"].splitlines()[0]
        expect(page.locator(".graphiql-query-editor .view-lines")).to_contain_text(first_line)
        for name in list(chosen["variables"] or {})[:1]:
            expect(page.get_by_role("region", name="Variables")).to_contain_text(json.dumps(name))

        # A second click goes to the tab that is already there.
        pane.get_by_role("button", name=chosen["title"]).first.click()
        expect(page.get_by_role("tab")).to_have_count(2)
        visit.assert_clean()


def test_a_header_is_sent_and_never_stored(base_url: str) -> None:
    with _visit(base_url) as visit:
        page = visit.page
        _open(page, base_url)
        page.get_by_role("button", name="Headers", exact=True).click()
        editor = page.get_by_role("region", name="Headers")
        editor.locator(".graphiql-editor:not(.hidden) .view-lines").click()
        # As one piece: typed key by key, the editor would close the brackets a second time.
        page.keyboard.insert_text('{"X-Probe": "not-to-be-kept"}')
        expect(editor).to_contain_text("not-to-be-kept")

        request, _ = _run(page, _operations(page, base_url)[0]["query"])
        assert request.headers["x-probe"] == "not-to-be-kept"
        page.wait_for_function("localStorage.getItem('graphiql:queries') !== null")
        assert "not-to-be-kept" not in page.evaluate("JSON.stringify(localStorage)")
        visit.assert_clean()
