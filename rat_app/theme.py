"""Design tokens: the only place where a colour, a type size or a space is a number.

``stylesheet()`` turns them into CSS variables, which assets/rat.css and every component use. Contrast is a test's business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import reflex as rx

WORDMARK = "RAT"
TAGLINE = "The SQLite of data platforms"

DARK: Mapping[str, str] = {
    "bg": "#0c100e",
    "surface": "#131917",
    "raised": "#1b2421",
    "border": "#6b7f75",
    "text": "#e7f0ea",
    "muted": "#a3b4ab",
    "accent": "#3ddc84",
    "on-accent": "#04140a",
    "purple": "#c4a3ff",
    "cyan": "#62d5e8",
    "danger": "#ff7b72",
    "warn": "#f5c04a",
    "bronze": "#e5a660",
    "silver": "#b9c6d3",
    "gold": "#f0d05e",
}

LIGHT: Mapping[str, str] = {
    "bg": "#f6faf7",
    "surface": "#ffffff",
    "raised": "#eef4f0",
    "border": "#7d8f86",
    "text": "#13201a",
    "muted": "#4d5f56",
    "accent": "#0a7038",
    "on-accent": "#ffffff",
    "purple": "#6636c2",
    "cyan": "#0b6577",
    "danger": "#b3241c",
    "warn": "#7c5200",
    "bronze": "#8a4f0f",
    "silver": "#475766",
    "gold": "#705400",
}

# Pixels. Nothing is smaller than 12.
TYPE_SCALE: Mapping[str, int] = {"caption": 12, "small": 13, "body": 14, "lead": 16, "title": 20, "display": 28}
SPACES: Sequence[int] = (4, 8, 12, 16, 20, 24, 32, 40, 48)

FIXED: Mapping[str, str] = {
    "font-sans": '"Inter", system-ui, sans-serif',
    "font-mono": '"JetBrains Mono", ui-monospace, monospace',
    "radius": "2px",
    "row": "32px",
    "row-compact": "26px",
    "bar": "48px",
    "sidebar": "200px",
    "sidebar-collapsed": "56px",
    "content": "1440px",
    "motion": "150ms",
    "hairline": "color-mix(in srgb, var(--border) 25%, transparent)",
    "shadow": "0 8px 32px color-mix(in srgb, var(--shade) 40%, transparent)",
    "shade": "#000000",
}

TOKENS_FILE = "tokens.css"


def stylesheet() -> str:
    """The tokens as CSS: fixed ones and the light theme on the root, the dark theme under its class."""
    sizes = {f"type-{name}": f"{pixels / 16:g}rem" for name, pixels in TYPE_SCALE.items()}
    spaces = {f"space-{index}": f"{pixels}px" for index, pixels in enumerate(SPACES, start=1)}
    return "\n".join([_block(":root", {**FIXED, **sizes, **spaces, **LIGHT}), _block(":root.dark", DARK)])


def _block(selector: str, values: Mapping[str, str]) -> str:
    lines = "".join(f"  --{name}: {value};\n" for name, value in values.items())
    return f"{selector} {{\n{lines}}}\n"


class TokensPlugin(rx.plugins.Plugin):
    """Puts the tokens into the built front end, before every other stylesheet."""

    def get_static_assets(self, **context: Any) -> Sequence[tuple[Path, str | bytes]]:
        """The generated stylesheet's file."""
        return [(Path("styles") / TOKENS_FILE, stylesheet())]

    def get_stylesheet_paths(self, **context: Any) -> Sequence[str]:
        """Where the root stylesheet finds it."""
        return [f"./{TOKENS_FILE}"]
