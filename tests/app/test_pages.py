"""Every page has its address, its title and what it loads; nothing in the portal needs ``eval``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rat_app import routes
from rat_app.rat_app import app
from rat_app.state.shell import ShellState

ROOT = Path(__file__).resolve().parents[2]
ADDRESSES = {value for name, value in vars(routes).items() if name.isupper() and isinstance(value, str) and not value.startswith("/api")}


@pytest.fixture(scope="module", autouse=True)
def _declared() -> None:
    if not app._unevaluated_pages:
        app._apply_decorated_pages()


def test_every_address_leads_to_a_page_and_every_page_has_an_address() -> None:
    assert {f"/{route}".replace("/index", "/").replace("/404", "404") for route in app._unevaluated_pages} == ADDRESSES


def test_every_page_has_its_own_title() -> None:
    """P10-67."""
    titles = [str(page.title) for page in app._unevaluated_pages.values()]
    assert len(set(titles)) == len(titles)
    assert all(title.rstrip(')"').endswith(" RAT") for title in titles), titles


def test_every_page_follows_the_health_line_and_its_own_data() -> None:
    """P10-76."""
    for route, page in app._unevaluated_pages.items():
        handlers = page.on_load if isinstance(page.on_load, list) else [page.on_load]
        assert ShellState.follow in handlers, route


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (routes.pipeline("shop", "gold", "orders"), "/pipelines/shop/gold/orders"),
        (routes.pipeline("a/b", "gold", "..", tab="code", at="3"), "/pipelines/a%2Fb/gold/../code?at=3"),
        (routes.run("01h/x"), "/runs/01h%2Fx"),
        (routes.runs(), "/runs"),
        (routes.runs(status="failed", after=""), "/runs?status=failed"),
        (routes.query(sql="select 1 & 2"), "/query?sql=select+1+%26+2"),
    ],
)
def test_builders_of_addresses_encode_what_they_are_given(address: str, expected: str) -> None:
    """P1-04."""
    assert address == expected


def test_nothing_in_the_portal_asks_the_browser_to_evaluate_text() -> None:
    """P4-07: the content policy forbids it, so it would fail at run time."""
    reflex = "toast call_script call_function set_clipboard download window_alert console_log upload html"
    forbidden = re.compile(rf"rx\.({reflex.replace(' ', '|')})\b|\beval\(|new Function|dangerouslySetInnerHTML")
    for path in [*(ROOT / "rat_app").rglob("*.py"), *(ROOT / "rat_app").rglob("*.jsx"), *(ROOT / "rat_app").rglob("*.js")]:
        assert not forbidden.findall(path.read_text("utf-8")), path.name
