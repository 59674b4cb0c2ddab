"""What the style page shows its components with. Nothing here is read from anywhere, and nothing changes it."""

from __future__ import annotations

import reflex as rx

from rat_app import routes
from rat_app.state.base import Failure
from rat_app.state.compare import DiffRow
from rat_app.state.pipeline.trend import Trend, TrendBar
from rat_app.state.runs import Chip


class StyleState(rx.State):
    """Samples."""

    failure: rx.Field[Failure] = rx.field(
        default_factory=lambda: Failure("Could not publish the table", "Another run of shop.gold.totals published meanwhile. Run it again.", "publish_conflict")
    )
    chips: rx.Field[list[Chip]] = rx.field(
        default_factory=lambda: [Chip("success", 1_234, chosen=True, address=routes.STYLE), Chip("failed", 7, chosen=False, address=routes.STYLE)]
    )
    trend: rx.Field[Trend] = rx.field(
        default_factory=lambda: Trend([TrendBar(12.5 * n, 100 - 12 * (n + 1), 10, 12 * (n + 1)) for n in range(8)], 1_200, 9_600, 9_600, 8)
    )
    rows: rx.Field[list[dict[str, str]]] = rx.field(
        default_factory=lambda: [
            {"layer": "bronze", "name": "orders", "rows": "1234567", "status": "success"},
            {"layer": "silver", "name": "orders_with_a_name_so_long_that_it_does_not_fit_into_the_room_that_there_is", "rows": "12", "status": "warn"},
            {"layer": "gold", "name": "totals", "rows": "0", "status": "failed"},
        ]
    )
    compared: rx.Field[list[DiffRow]] = rx.field(
        default_factory=lambda: [
            DiffRow("file", "pipeline.sql", "pipeline.sql"),
            DiffRow("same", "select id,", "select id,", 1, 1),
            DiffRow("changed", "       amount", "       round(amount, 2) as amount", 2, 2),
            DiffRow("gap"),
            DiffRow("changed", "", "where id is not null", 0, 9),
        ]
    )
