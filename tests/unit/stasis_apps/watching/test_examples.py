"""Dashboard and alerts are compared with what the exchange tells: no wrong word gets through."""

from __future__ import annotations

import pytest

from tests.support.monitoring import examples, read_query
from tests.support.scrape import Scrape

THERE = Scrape(
    names=frozenset(
        {"pbx_calls", "pbx_calls_ended_total", "pbx_setup_bucket", "pbx_refused_total"}
    ),
    values=(
        ("pbx_calls", {}, 1.0),
        ("pbx_calls_ended_total", {"result": "normal", "tenant_state": "active"}, 1.0),
        ("pbx_calls_ended_total", {"result": "failed", "tenant_state": "active"}, 0.0),
        ("pbx_setup_bucket", {"le": "0.1"}, 1.0),
    ),
)


def mistakes(query: str) -> list[str]:
    return list(read_query(query).mistakes(THERE))


@pytest.mark.parametrize(
    "query",
    [
        'sum by (instance) (rate(pbx_calls_ended_total{result="failed"}[5m])) > 0.01',
        '60 * sum by (result) (rate(pbx_calls_ended_total{instance=~"$instance"}[5m]))',
        'sum(pbx_calls_ended_total{result=~"normal|fail.*",tenant_state!="active"})',
        "histogram_quantile(0.95, sum by (instance, le) (rate(pbx_setup_bucket[10m]))) > 2",
        "pbx_calls < 0.7 * (pbx_calls offset 15m > 10) and on (instance) pbx_calls > 0",
        'up{job="pbx"} == 0',
        'rate(pbx_refused_total{status="500",operation!="POST /channels/{}/play"}[5m])',
    ],
)
def test_a_query_for_what_is_there_has_no_mistake(query: str) -> None:
    assert mistakes(query) == []


@pytest.mark.parametrize(
    ("query", "mistake"),
    [
        ("not_there_total / pbx_calls", "there is no not_there_total"),
        ("sum(rate(pbx_cals[5m]))", "there is no pbx_cals"),
        ("pbx_calls and on (instance) node_load1", "there is no node_load1"),
        ('pbx_calls{state="up"}', "pbx_calls has no label state"),
        ("sum by (way) (pbx_calls)", "pbx_calls has no label way"),
        ("sum by (kind) (pbx_calls_ended_total)", "pbx_calls_ended_total has no label kind"),
        (
            'pbx_calls_ended_total{result="failde"}',
            "pbx_calls_ended_total has no result failde",
        ),
        (
            'pbx_calls_ended_total{result=~"normal|lots"}',
            "pbx_calls_ended_total has no result lots",
        ),
        ("1 > 0", "asks for nothing"),
    ],
)
def test_a_query_for_what_does_not_exist_is_found(query: str, mistake: str) -> None:
    assert mistakes(query) == [mistake]


def test_every_example_is_read() -> None:
    places = [place for place, _ in examples()]

    assert [kind for kind in ("panel", "variable", "alert") if kind in " ".join(places)] == [
        "panel",
        "variable",
        "alert",
    ]
