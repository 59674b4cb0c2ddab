"""Nothing is kept that nothing uses."""

from __future__ import annotations

from vulture import Vulture

from tests.architecture.sources import ROOT

KINDS = {"class", "function", "import", "method", "property", "unreachable_code"}
# Called by name from outside: web frameworks, hatchling, pytest, logging, asyncio, SQLAlchemy, Alembic.
CALLED_BY_OTHERS = ["test_*", "pytest_*", "visit_*", "upgrade", "downgrade", "initialize", "process_bind_param", "process_result_value", "emit", "format"]
DECORATED_FOR_OTHERS = [
    "@*.get", "@*.post", "@*.put", "@*.patch", "@*.delete", "@*.head", "@*.command", "@*.callback", "@*.exception_handler", "@*.middleware",
    "@*event*", "@*handler*", "@*validator", "@*serializer", "@*fixture", "@*computed_field", "@*register*", "@rx.*", "@*page",
]  # fmt: skip


def test_every_function_class_and_property_is_used() -> None:
    vulture = Vulture(ignore_names=CALLED_BY_OTHERS, ignore_decorators=DECORATED_FOR_OTHERS)
    vulture.scavenge([str(ROOT / name) for name in ("rat_engine", "rat_app", "tools", "benchmarks", "rxconfig.py")], exclude=["_web"])
    unused = vulture.get_unused_code(min_confidence=60)
    assert [f"{item.filename}:{item.first_lineno} {item.typ} {item.name}" for item in unused if item.typ in KINDS] == []
