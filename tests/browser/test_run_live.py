"""The Run page in a real browser on the real engine: live status, the live log whatever happens to the connection, failures told."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from rat_engine import Settings
from rat_engine.metadata.wake import Bus, log_topic
from rat_engine.observe.logs import LogWriter, log_path
from tests.browser.conftest import Noise
from tests.browser.working_screens import ENDLESS, Api, accessible, looks

COUNT = "[data-testid=log-count]"
ROW = 20  # pixels of a line, as log_view.css has it


@pytest.fixture
def running(api: Api) -> Iterator[str]:
    """A run that goes on until it is cancelled."""
    run = api.run(api.pipeline(ENDLESS))
    while api.get(f"/runs/{run}")["status"] == "pending":
        time.sleep(0.05)
    yield run
    if api.get(f"/runs/{run}")["finished_at"] is None:
        api.post(f"/runs/{run}/cancel")


@pytest.fixture
def writer(running: str, settings: Settings) -> Iterator[LogWriter]:
    """Another writer of the running run's log, as its child process is one."""
    bus = Bus(settings.data / "run")
    with LogWriter(log_path(settings.logs, running, 1), lambda: bus.send([log_topic(running)])) as opened:
        yield opened
    bus.close()


def flood(writer: LogWriter, first: int, last: int) -> None:
    for number in range(first, last):
        writer.info(f"flood {number} {'x' * (number % 150)}")


def numbers(box: Locator) -> dict[int, int]:
    """The flood lines on the screen: number of the line → number in its text."""
    rows = box.locator(".log-view-line").evaluate_all("rows => rows.map(row => [Number(row.dataset.line), row.querySelector('.log-view-message').textContent])")
    return {line: int(text.split()[1]) for line, text in rows if text.startswith("flood ")}


def scrolled_through(page: Page) -> dict[int, int]:
    """Every flood line, met by scrolling from the top to the end; unwrapped, so that a screen is followed by the next one exactly."""
    box = page.locator(".log-view-box")
    page.get_by_role("button", name="Wrap").click()
    found: dict[int, int] = {}
    total, tall = box.evaluate("box => [box.scrollHeight, box.clientHeight]")
    for top in (*range(0, total - tall, tall - ROW), total):
        box.evaluate("(box, top) => box.scrollTo(0, top)", top)
        last = min(top + tall, total) // ROW - 1
        expect(box.locator(f'[data-line="{last}"]')).to_be_visible()
        expect(box.get_by_text("…", exact=True)).to_have_count(0)
        found |= numbers(box)
    return found


def test_a_long_log_is_complete_after_frames_were_lost_and_the_socket_was_dropped(page: Page, running: str, writer: LogWriter, noise: Noise) -> None:
    """P2-07, P6-23, P10-68, P10-59: every line once and in its place."""
    noise.expect("WebSocket")
    sockets: list[WebSocketRoute] = []
    frames = 0

    def proxy(socket: WebSocketRoute) -> None:
        nonlocal frames
        server = socket.connect_to_server()
        sockets.append(socket)

        def deliver(message: str | bytes) -> None:
            nonlocal frames
            if "flood" in str(message):
                frames += 1
                if frames % 3 == 0:
                    return  # lost on the way
            socket.send(message)

        server.on_message(deliver)

    page.route_web_socket(re.compile("/_event"), proxy)
    page.goto(f"/runs/{running}")
    expect(page.locator(".log-view")).to_be_visible()
    flood(writer, 0, 1_500)
    sockets[-1].close()
    flood(writer, 1_500, 3_000)
    expect(page.locator(COUNT)).to_have_text(re.compile(r"^3,00\d lines"))
    assert len(sockets) > 1
    found = scrolled_through(page)
    assert sorted(found.values()) == list(range(3_000))
    assert len({line - number for line, number in found.items()}) == 1


def test_a_log_is_complete_when_the_socket_drops_every_five_seconds(page: Page, running: str, writer: LogWriter, noise: Noise) -> None:
    """P2-07, P10-68: whoever follows a log over a bad connection misses nothing and sees nothing twice."""
    noise.expect("WebSocket")
    sockets: list[WebSocketRoute] = []

    def proxy(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        socket.connect_to_server()

    page.route_web_socket(re.compile("/_event"), proxy)
    page.goto(f"/runs/{running}")
    expect(page.locator(".log-view")).to_be_visible()
    for drop in range(3):
        flood(writer, drop * 500, drop * 500 + 400)
        page.wait_for_timeout(5_000)
        sockets[-1].close()
        flood(writer, drop * 500 + 400, drop * 500 + 500)
    expect(page.locator(COUNT)).to_have_text(re.compile(r"^1,50\d lines"))
    assert len(sockets) > 3
    found = scrolled_through(page)
    assert sorted(found.values()) == list(range(1_500))
    assert len({line - number for line, number in found.items()}) == 1


def test_a_log_of_a_million_lines_is_read_at_both_ends_and_in_between(page: Page, running: str, writer: LogWriter) -> None:
    """P2-07: opening it, going to its beginning and into its middle draw a screenful each."""
    writer.info("flood 0")
    lines = "".join(f"2026-01-01T00:00:00.000Z\tINFO\tflood {number}\n" for number in range(1, 1_000_000))
    os.write(writer.fileno(), lines.encode())
    writer.info("flood 1000000")
    page.goto(f"/runs/{running}")
    expect(page.locator(COUNT)).to_have_text(re.compile(r"^1,000,00\d lines"))
    box = page.locator(".log-view-box")
    expect(box.get_by_text("flood 1000000", exact=True)).to_be_visible()
    box.evaluate("box => box.scrollTo(0, 0)")
    expect(box.get_by_text("flood 3", exact=True)).to_be_visible()
    box.evaluate("box => box.scrollTo(0, box.scrollHeight / 2)")
    expect(box.get_by_text(re.compile(r"^flood [45]\d{5}$")).first).to_be_visible()
    assert box.locator(".log-view-line").count() < 100


def test_of_a_very_long_log_little_is_held_and_all_can_be_read(page: Page, running: str, writer: LogWriter) -> None:
    """P2-07: at most 10,000 lines and a screenful of rows in the browser; the rest by page."""
    flood(writer, 0, 25_000)
    page.goto(f"/runs/{running}")
    expect(page.locator(COUNT)).to_have_text(re.compile(r"^25,00\d lines"))
    box = page.locator(".log-view-box")
    expect(box.get_by_text("flood 24999 ")).to_be_visible()
    assert box.locator(".log-view-line").count() < 100
    box.evaluate("box => box.scrollTo(0, 0)")
    expect(box.get_by_text("flood 3 xxx", exact=True)).to_be_visible()
    box.evaluate("box => box.scrollTo(0, box.scrollHeight / 2)")
    expect(box.get_by_text(re.compile(r"^flood 1\d{4} ")).first).to_be_visible()


def test_following_stops_where_one_reads_and_goes_on_when_asked(page: Page, running: str, writer: LogWriter) -> None:
    flood(writer, 0, 300)
    page.goto(f"/runs/{running}")
    follow = page.get_by_role("button", name="Follow")
    expect(page.get_by_text("flood 299 ")).to_be_visible()
    page.locator(".log-view-box").hover()
    page.mouse.wheel(0, -2_000)
    expect(follow).to_have_attribute("aria-pressed", "false")
    flood(writer, 300, 400)
    expect(page.locator(COUNT)).to_have_text(re.compile(r"^40\d lines"))
    expect(page.get_by_text("flood 399 ")).to_have_count(0)
    follow.click()
    expect(page.get_by_text("flood 399 ")).to_be_visible()
    page.get_by_role("button", name="Wrap").click()
    expect(page.get_by_text("flood 399 ")).to_be_visible()


def test_an_endless_run_is_cancelled_and_the_page_says_so_by_itself(page: Page, running: str) -> None:
    """P0-09, P10-76: without a reload."""
    page.goto(f"/runs/{running}")
    expect(page.locator(".run-status .status-running")).to_be_visible()
    accessible(page, "running")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".run-status .status-cancelled")).to_be_visible()
    expect(page.get_by_text("The run was cancelled")).to_be_visible()
    page.get_by_role("button", name="Run again").click()
    expect(page.locator(".run-status")).not_to_have_text("cancelled")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".run-status .status-cancelled")).to_be_visible()


def test_a_failed_audit_names_the_branch_the_bad_rows_and_what_to_do(page: Page, api: Api) -> None:
    run = api.run(
        api.pipeline(
            "select i as id, nullif(i, 2) as even from range(4) t(i)",
            even_is_set="-- @description: Every row has an even.\n-- @remediation: Ask the source.\nselect * from {{ this }} where even is null",
            few="-- @severity: warn\nselect * from {{ this }} where id > 1",
        )
    )
    page.goto(f"/runs/{run}")
    expect(page.locator(".run-status .status-failed")).to_be_visible()
    assert page.evaluate("scrollY") == 0, "the page begins at its top"
    why = page.get_by_role("region", name="Why the run failed")
    expect(why).to_contain_text("nothing was published")
    expect(why).to_contain_text(f"run-{run}-1")
    expect(why.get_by_role("link", name="Open the code")).to_have_attribute("href", re.compile("^/pipelines/shop/silver/orders_\\d+/code$"))
    why.get_by_role("link", name="See the tests").click()
    expect(page).to_have_url(re.compile("tab=tests"))
    blocking = page.locator(".test", has_text="even_is_set")
    expect(blocking).to_contain_text("1 bad row")
    expect(blocking).to_contain_text("Ask the source.")
    expect(blocking.get_by_role("table")).to_contain_text("null")
    expect(page.locator(".test", has_text="few")).to_contain_text("only warns")
    for look in looks(page):
        accessible(page, f"failed run {look}")


def second_attempt(settings: Settings, run: str) -> None:
    """What an attempt leaves behind that ended while it planned."""
    with sqlite3.connect(settings.database_path) as database:
        moment = "2026-01-31 12:00:00.000000"
        database.execute("INSERT INTO attempt VALUES (?, 2, 2, 4711, ?, ?, 'lost', NULL)", (run, moment, moment))
        database.execute("INSERT INTO step VALUES (?, 2, 'plan', ?, ?, 0)", (run, moment, moment))
    with LogWriter(log_path(settings.logs, run, 2), lambda: None) as log:
        log.info("the second time")


def test_what_a_run_decided_and_read_is_on_its_page_for_each_attempt(page: Page, api: Api, settings: Settings) -> None:
    source = api.pipeline("select i as id from range(3) t(i)")
    first = api.run(source)
    page.goto(f"/runs/{first}")
    expect(page.locator(".run-status .status-success")).to_be_visible()
    reader = api.run(api.pipeline("select * from {{ ref('silver." + source.split("/")[-1] + "') }}"))
    page.goto(f"/runs/{reader}")
    expect(page.locator(".run-status .status-success")).to_be_visible()
    page.get_by_role("tab", name="Plan").click()
    plan = page.get_by_role("tabpanel", name="Plan")
    expect(plan).to_contain_text(source.removeprefix("/pipelines/").replace("/", "."))
    expect(plan).to_contain_text(re.compile(r"snapshot \d{10,}"))
    expect(plan.get_by_role("group", name="Compiled SQL")).to_have_text(re.compile("^select \\* from .*silver"))
    for fact in ("version 1", "full_refresh", api.get(f"/runs/{reader}")["code_hash"]):
        expect(plan).to_contain_text(fact)
    second_attempt(settings, reader)
    page.reload()
    expect(plan).to_contain_text("It ended before its SQL was compiled.")
    plan.get_by_role("navigation", name="Attempt").get_by_role("link", name="1").press("Enter")
    expect(page).to_have_url(re.compile(r"attempt=1&tab=plan"))
    expect(plan.get_by_role("group", name="Compiled SQL")).to_be_visible()
    for look in looks(page):
        accessible(page, f"plan of a run {look}")
    page.get_by_role("tab", name="Log").click()
    expect(page.locator(".log-view-box")).to_contain_text("Attempt 1")
    page.get_by_role("tab", name="Attempts").click()
    page.get_by_role("link", name="Attempt 2").click()
    expect(page).not_to_have_url(re.compile("attempt="))
    expect(page.locator(".log-view-box")).to_have_text(re.compile("the second time"))
    expect(page.locator(".step")).to_have_count(1)
    page.get_by_role("tab", name="Plan").click()
    plan.get_by_role("link", name=re.compile("orders_")).click()
    expect(page).to_have_url(re.compile(r"/snapshots$"))


def test_a_run_that_does_not_exist_says_so(page: Page, api: Api) -> None:
    page.goto("/runs/01m7yww5jfesktj9r8d934vmkt")
    expect(page.get_by_text("Could not open the run")).to_be_visible()
    accessible(page, "missing run")


def test_a_line_is_found_wherever_it_is_and_its_link_leads_back_to_it(page: Page, running: str, writer: LogWriter) -> None:
    """Search in the whole log, the next error, only what matters, and an address that names lines."""
    flood(writer, 0, 6_000)
    writer.error("the only fault")
    flood(writer, 6_000, 12_000)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/runs/{running}")
    box = page.locator(".log-view-box")
    expect(box.get_by_text("flood 11999 ")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("FLOOD 1234 ")
    expect(page.locator(".log-view-found")).to_have_text("1 of 1")
    expect(box.locator("mark")).to_have_text("flood 1234 ")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(box.get_by_text("the only fault")).to_be_visible()
    line = box.locator(".log-view-line", has_text="the only fault")
    number = int(line.get_attribute("data-line") or "") + 1
    line.locator(".log-view-number").click()
    expect(page).to_have_url(re.compile(f"#L{number}$"))
    assert page.evaluate("navigator.clipboard.readText()").endswith(f"#L{number}")
    page.get_by_label("Level").select_option("error")
    expect(page.locator(COUNT)).to_have_text(re.compile("^1 line of 12,00"))
    accessible(page, "log with a filter")
    page.reload()
    expect(box.locator("[data-chosen]")).to_contain_text("the only fault")
    page.keyboard.press("f")
    expect(page.get_by_role("button", name="Full screen")).to_have_attribute("aria-pressed", "true")
    accessible(page, "log in full screen")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Full screen")).to_have_attribute("aria-pressed", "false")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download").first.click()
    assert "the only fault" in saved.value.path().read_text()
