"""The language: what it means, its one canonical text, and what it refuses."""

import gc
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest

from kedge.domain.errors import ExpressionError
from kedge.features.expression import parse
from kedge.features.tree import Expression

CANONICAL = {
    "rsi(14)": "rsi(14)",
    "rsi()": "rsi(14)",
    "rsi( n = 7 )": "rsi(7)",
    "sma(close, 20)": "sma(20)",
    "sma(high,20)": "sma(high, 20)",
    "sma(x=high, n=20)": "sma(high, 20)",
    "beta(returns(1), y=market(returns(1)))": "beta(returns(1), market(returns(1)), 60)",
    "macd().hist": "macd(12, 26, 9).hist",
    "macd(12, slow=30).line": "macd(12, 30, 9).line",
    "lag(returns(1), 5)": "lag(returns(1), 5)",
    "rsi(14)*volume_ratio(20)": "rsi(14) * volume_ratio(20)",
    'at("60m", ema(50))': 'at("1h", ema(50))',
    "at('1d', close)": 'at("1d", close)',
    'of("BTC/USDT", returns(1))': 'of("BTC/USDT", returns(1))',
    "-close": "-1 * close",
    "(1 + 2) * close": "3 * close",
    "close - (open - low)": "close - (open - low)",
    "(close - open) - low": "close - open - low",
    "close / (open * low)": "close / (open * low)",
    "(close > open) - (close < open)": "(close > open) - (close < open)",
    "bollinger(20, 2.5).upper": "bollinger(20, 2.5).upper",
    "max(rsi(14), 50)": "max(rsi(14), 50)",
    "correlation(returns(1), market(returns(1)), 30)": (
        "correlation(returns(1), market(returns(1)), 30)"
    ),
}


@pytest.mark.parametrize("text", CANONICAL)
def test_every_way_of_writing_has_one_canonical_text(text):
    assert str(parse(text)) == CANONICAL[text]
    assert parse(CANONICAL[text]) == parse(text)


REFUSED = {
    "lag(close, -1)": "look ahead",
    "lag(close, 0)": "must be 1 to 100000",
    "returns(-5)": "look ahead",
    "diff(close, -2)": "look ahead",
    "sma(0)": "must be 1 to",
    "sma(2.5)": "whole number",
    "sma(1e9)": "must be",
    "sma(close, open, 3)": "takes 1 series, not 2",
    "sma(20, 30)": "no place for 30",
    "sma(20, window=3)": "no place for window",
    "sma(20, n=3)": "no place for n",
    "sma(20, close)": "no place for close",
    "correlation(returns(1), 20)": "takes 2 series, not 1",
    "vwap(5)": "takes 0 series, not 1",
    "sma(close, x=open)": "takes 1 series, not 2",
    "lag(5)": "takes 1 series, not 0",
    "clip(close, 1)": "high is missing",
    "clip(close, 2, 1)": "low < high must hold",
    "macd(26, 12, 9).hist": "fast < slow must hold",
    "macd(12, 26, 9)": "choose one: macd(...).line",
    "macd(12, 26, 9).histo": "did you mean hist?",
    "rsi(14).value": "has one output",
    "rsi": "rsi needs brackets",
    "rsii(14)": "did you mean rsi?",
    "clse": "did you mean close?",
    "close.shift(-1)": "'close.shift' is not a feature",
    "close[1]": "not part of the expression language",
    "close[-1]": "not part of the expression language",
    "__import__('os').system('x')": "not a feature",
    "open('file')": "unknown",
    "lambda x: x": "not part",
    "close ** 2": "not part",
    "close < open < low": "not part",
    "True": "not part",
    "'close'": "not part",
    "close if close else open": "not part",
    "sma(*close)": "not part",
    "sma(**close)": "takes no **keywords",
    'at("7m", close)': "is not a frame",
    'at("0h", close)': "is not a frame",
    "at(1, close)": "a quoted name and an expression",
    'at("1h")': "a quoted name and an expression",
    "of(AAA, close)": "a quoted name and an expression",
    "1 / 0": "infinite or undefined",
    "1e999": "infinite or undefined",
    "": "does not parse",
    "sma(": "does not parse",
    "a b": "does not parse",
    "close\x00": "does not parse",
    "(" * 500: "does not parse",
    "abs(" * 30 + "close" + ")" * 30: "nested more than 24 deep",
    "-" * 1900 + "1": "",
    "1+" * 1500 + "1": "longer than 2000 characters",
}


@pytest.mark.parametrize("text", REFUSED)
def test_a_wrong_expression_is_one_clear_line(text):
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    line = str(caught.value)
    assert REFUSED[text] in line
    assert "\n" not in line
    assert caught.value.where


def test_a_defaulted_lag_looks_back_by_one():
    assert str(parse("lag(close)")) == "lag(close, 1)"


def test_a_wrong_expression_names_itself():
    with pytest.raises(ExpressionError, match=r"^'lag\(close, -1\)': lag: k = -1 would look ahead"):
        parse("lag(close, -1)")


class Lets:
    """Garbage that lets other threads run while it is collected."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        sleep(0)


def test_threads_parse_at_once_while_garbage_is_collected() -> None:
    text, before = " + ".join(f"lag(close, {n})" for n in range(1, 20)), gc.get_threshold()

    def parsed(_: int) -> Expression:
        Lets()
        return parse(text)

    gc.set_threshold(20)
    try:
        with ThreadPoolExecutor(8) as pool:
            assert len(set(pool.map(parsed, range(400)))) == 1
    finally:
        gc.set_threshold(*before)
