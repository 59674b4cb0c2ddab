"""Nothing is kept that nothing uses."""

from __future__ import annotations

from vulture import Vulture

from tests.architecture.sources import ROOT

KINDS = {"class", "function", "import", "method", "property", "unreachable_code"}
# Methods that a library calls on what we hand it, and names that are looked up as text.
CALLED_BY_OTHERS = [
    "__getattr__", "readinto",  # Python
    "preprocess", "get_static_assets", "get_stylesheet_paths", "pre_compile", "post_build",  # Reflex
    "concat", "is_safe_attribute", "lexer", "visit_*", "wrap_str_format",  # Jinja
    "_existing_manifests", "new_output", "to_input_file",  # PyIceberg
    "WheelHook", "initialize",  # hatchling
    "process_bind_param", "process_result_value",  # SQLAlchemy
    "open_*_lane",  # a child's entry, named in the command that starts it
]  # fmt: skip
DECORATED_FOR_OTHERS = [
    "@*.get", "@*.post", "@*.put", "@*.patch", "@*.delete", "@*.head", "@*.command", "@*.callback", "@*.exception_handler", "@*.middleware",
    "@*event*", "@*handler*", "@*validator", "@*serializer", "@*fixture", "@*computed_field", "@*register*", "@rx.*", "@*page",
]  # fmt: skip


def test_every_function_class_and_property_is_used() -> None:
    vulture = Vulture(ignore_names=CALLED_BY_OTHERS, ignore_decorators=DECORATED_FOR_OTHERS)
    vulture.scavenge([str(ROOT / name) for name in ("rat_engine", "rat_app", "tools", "benchmarks", "rxconfig.py")], exclude=["_web"])
    unused = vulture.get_unused_code(min_confidence=60)
    assert [f"{item.filename}:{item.first_lineno} {item.typ} {item.name}" for item in unused if item.typ in KINDS] == []
