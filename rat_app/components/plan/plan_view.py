"""The plan of a statement: a tree of steps, which is a list to those who do not see it."""

from __future__ import annotations

import reflex as rx

from rat_app.components.script import script

_PLAN = script(__name__, "plan_view.jsx", "plan_view.css")


class PlanView(rx.NoSSRComponent):
    """How ``sql`` is carried out, where two-part names mean tables of ``namespace``. Asked for anew with every ``key_of``."""

    library = _PLAN
    tag = "PlanView"

    sql: rx.Var[str]
    namespace: rx.Var[str]
    key_of: rx.Var[str]
    on_close: rx.EventHandler[rx.event.no_args_event_spec]


plan_view = PlanView.create
