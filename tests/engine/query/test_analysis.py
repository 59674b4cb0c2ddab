"""Column statistics, chart values and plans say what SQL says, over every row."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rat_engine.domain.result import Aggregate, ChartKind, ChartOptions
from rat_engine.errors import StatementRefusedError, ValidationError
from rat_engine.observe.charts import MAX_DOTS, MAX_GROUPS, MAX_POINTS, MAX_SERIES, chart_data
from rat_engine.observe.statistics import BINS, column_statistics
from rat_engine.query.request import QueryRequest
from tests.engine.query.lake import Lake

EVERYTHING = """
    select number, carrier, delay, date '2024-01-01' + number::int as day, number * 1.5::decimal(10, 2) as amount,
      timestamp '2024-01-01' + interval (number) hour as moment, time '10:00' + interval (number) second as clock, number % 2 = 0 as even, [number] as list,
      sum(number) over () as total, 'a'::enum('a', 'b') as kind, 18446744073709551615::ubigint as far, null as nothing
    from gold.flights
"""


@pytest.mark.parametrize("column", range(13))
def test_statistics_are_what_sql_counts(lake: Lake, column: int) -> None:
    lake.ask(EVERYTHING)
    found = column_statistics(lake.result, column)
    name = found.column.name
    (told,) = lake.rows(f"select count(*), count({name}), count(distinct {name}), min({name}), max({name}) from ({EVERYTHING})")
    assert (found.rows, found.rows - found.nulls) == told[:2]
    if name in ("list", "nothing"):
        assert found.distinct in (None, 0)
        return
    assert (found.distinct, found.least, found.most) == told[2:]
    assert sum(each.count for each in (*found.bins, *found.common)) == told[1]
    assert len(found.bins) <= BINS
    assert (found.bins == ()) is (name in ("carrier", "even", "kind"))


def test_a_histogram_is_what_sql_groups(lake: Lake) -> None:
    lake.ask("select delay from gold.flights")
    found = column_statistics(lake.result, 0)
    told = dict(lake.rows("select least(floor(delay / 2.95), 19)::int as bin, count(*) from gold.flights where delay is not null group by bin"))
    assert [each.count for each in found.bins] == [told[index] for index in range(BINS)]


def test_infinities_and_nan_are_no_place_in_a_histogram(lake: Lake) -> None:
    moments = "(1.0::double, timestamp '2024-01-01'), ('nan', timestamp 'infinity'), ('inf', timestamp '-infinity'), (2.0, timestamp '2024-01-03')"
    lake.ask(f"from (values {moments}) t")
    for column in (0, 1):
        assert sum(each.count for each in column_statistics(lake.result, column).bins) == 2


def test_statistics_of_no_rows(lake: Lake) -> None:
    lake.ask("select number, carrier from gold.flights where false")
    found = column_statistics(lake.result, 0)
    assert (found.rows, found.nulls, found.distinct, found.bins) == (0, 0, 0, ())
    assert column_statistics(lake.result, 1).common == ()


@pytest.mark.parametrize("aggregate", Aggregate)
def test_chart_values_are_what_sql_groups(lake: Lake, aggregate: Aggregate) -> None:
    lake.ask("select carrier, delay from gold.flights")
    data = chart_data(lake.result, ChartOptions(ChartKind.BAR, 0, (1,), None, aggregate))
    told = dict(lake.rows(f"select carrier, {aggregate.value}(delay) from gold.flights group by carrier"))
    assert dict(data.series[0].points) == {key: pytest.approx(value) for key, value in told.items()}
    assert data.notes == ()


def test_colours_are_series_and_add_up_to_the_whole(lake: Lake) -> None:
    lake.ask("select number % 10 as digit, carrier, delay from gold.flights")
    data = chart_data(lake.result, ChartOptions(ChartKind.AREA, 0, (2,), 1))
    told = {(digit, carrier): value for digit, carrier, value in lake.rows("select number % 10, carrier, sum(delay) from gold.flights group by all")}
    assert {(x, each.name): value for each in data.series for x, value in each.points} == told
    assert [x for x, _ in data.series[0].points] == list(range(10))


def test_too_many_places_on_an_axis_are_grouped_and_that_is_said(lake: Lake) -> None:
    lake.ask(EVERYTHING)
    for x, words in (
        (0, "number is grouped in steps of 50."),
        (5, "moment is grouped by day."),
        (3, "day is grouped by month."),
        (4, "amount is grouped in steps of 100."),
    ):
        data = chart_data(lake.result, ChartOptions(ChartKind.LINE, x, (), None, Aggregate.COUNT))
        assert data.notes == (words,)
        assert len(data.series[0].points) <= MAX_POINTS
        assert sum(value for _, value in data.series[0].points) == 2_500
    told = lake.rows(f"select date_trunc('month', day)::date as m, count(*) from ({EVERYTHING}) group by m order by m")
    lake.ask(EVERYTHING)
    assert chart_data(lake.result, ChartOptions(ChartKind.LINE, 3, (), None, Aggregate.COUNT)).series[0].points == told


def test_of_too_many_texts_the_largest_are_drawn_and_that_is_said(lake: Lake) -> None:
    lake.ask("select note, number from gold.flights")
    data = chart_data(lake.result, ChartOptions(ChartKind.BAR, 0, (1,)))
    assert data.notes == (f"The {MAX_GROUPS} largest of 2,500 values of note are drawn.",)
    assert [value for _, value in data.series[0].points] == [float(2_499 - index) for index in range(MAX_GROUPS)]
    data = chart_data(lake.result, ChartOptions(ChartKind.BAR, 1, (1,), 0))
    assert len(data.series) == MAX_SERIES
    assert any("values of note" in note for note in data.notes)


def test_few_texts_stay_in_the_order_of_the_result(lake: Lake) -> None:
    lake.ask("select carrier, count(*) as flights from gold.flights group by carrier order by carrier desc")
    assert [x for x, _ in chart_data(lake.result, ChartOptions(ChartKind.BAR, 0, (1,))).series[0].points] == ["UA", "DL", "AA"]


def test_dots_are_thinned_over_the_whole_result_and_that_is_said(lake: Lake) -> None:
    lake.ask("select number, number * 2 as twice, carrier from gold.flights order by number")
    data = chart_data(lake.result, ChartOptions(ChartKind.SCATTER, 0, (1,)))
    points = data.series[0].points
    assert data.notes == ("One row in 2 of 2,500 is drawn.",)
    assert len(points) <= MAX_DOTS
    assert points == tuple((number, number * 2) for number in range(0, 2_500, 2))
    coloured = chart_data(lake.result, ChartOptions(ChartKind.SCATTER, 0, (1,), 2))
    assert sum(len(each.points) for each in coloured.series) == len(points)


def test_a_number_is_over_all_rows(lake: Lake) -> None:
    lake.ask("select number, delay from gold.flights")
    data = chart_data(lake.result, ChartOptions(ChartKind.NUMBER, None, (0, 1), None, Aggregate.AVG))
    ((told_number, told_delay),) = lake.rows("select avg(number), avg(delay) from gold.flights")
    assert [each.points[0][1] for each in data.series] == [pytest.approx(told_number), pytest.approx(told_delay)]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (ChartOptions(ChartKind.BAR, 9, (0,)), "columns, counted from 0"),
        (ChartOptions(ChartKind.BAR, None, (0,)), "needs a column for x"),
        (ChartOptions(ChartKind.BAR, 0, ()), "count rows"),
        (ChartOptions(ChartKind.BAR, 0, (1,)), "Only numbers"),
        (ChartOptions(ChartKind.BAR, 2, (0,)), "no place on an axis"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_a_reason(lake: Lake, options: ChartOptions, words: str) -> None:
    lake.ask("select number, carrier, [number] as list from gold.flights")
    with pytest.raises(ValidationError, match=words):
        chart_data(lake.result, options)


def explained(lake: Lake, sql: str, how: str) -> dict[str, Any]:
    """The plan of a statement, as the child writes it."""
    request = QueryRequest.of(lake.message(sql) | {"explain": how})
    with lake.result.open("wb") as sink:
        lake.explorer().execute(request, sink)
    return json.loads(lake.window().rows[0][0])


def steps(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Every step of a plan."""
    return [step for root in plan["steps"] for step in (root, *steps(root))]


def test_a_plan_names_steps_and_tables_and_no_paths(lake: Lake) -> None:
    sql = "select c.name, sum(delay) from gold.flights f join silver.carriers c using (carrier) where number >= 100 group by all order by 2 desc"
    plan = explained(lake, sql, "plan")
    assert not plan["analyzed"]
    assert {"Hash join", "Order by"} <= {step["name"] for step in steps(plan)}
    assert all(step["rows"] is None for step in steps(plan))
    reads = {table["name"]: (table["rows"], table["files"], table["files_total"]) for table in plan["reads"]}
    assert reads.keys() == {"flights.gold.flights", "flights.silver.carriers"}
    assert reads["flights.silver.carriers"] == (3, 1, 1)
    assert all(table["size_bytes"] > 0 for table in plan["reads"])
    plan = explained(lake, sql, "analyze")
    scans = {step["details"]["Table"]: step["rows"] for step in steps(plan) if "Table" in step["details"]}
    assert scans == {"flights.gold.flights": 2_400, "flights.silver.carriers": 3}
    assert plan["milliseconds"] > 0
    assert str(lake.settings.data) not in json.dumps(plan)


@pytest.mark.parametrize("how", ["plan", "analyze"])
@pytest.mark.parametrize(
    "sql", ["drop table x", "select * from read_csv('/etc/passwd')", "select 1; select 2", "insert into gold.flights select 1", "select * from hr.gold.nothing"]
)
def test_nothing_is_explained_that_may_not_run(lake: Lake, sql: str, how: str) -> None:
    """P10-47: explain runs only on a statement that the guard has accepted."""
    with pytest.raises(StatementRefusedError):
        explained(lake, sql, how)
