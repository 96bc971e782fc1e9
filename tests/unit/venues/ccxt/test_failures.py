"""What the library's errors mean: never definite unless the exchange said so."""

import json

import ccxt
import pytest
from ccxt.base import errors

from kedge.domain.errors import MessageError
from kedge.domain.redact import remember
from kedge.venues.ccxt.failures import code_of, definite, keyless, not_there, said
from kedge.venues.ccxt.numbers import decimal
from kedge.venues.ccxt.reading import works

BINANCE = [
    (errors.InsufficientFunds, "Account has insufficient balance", True),
    (errors.InvalidOrder, '{"code":-2010,"msg":"Duplicate order sent."}', False),
    (errors.InvalidOrder, '{"code":-2010,"msg":"Stop price would trigger immediately."}', True),
    (errors.BadRequest, '{"code":-1013,"msg":"Filter failure: NOTIONAL"}', True),
    (errors.BadSymbol, '{"code":-1121,"msg":"Invalid symbol."}', True),
    (errors.AuthenticationError, '{"code":-2015,"msg":"Invalid API-key"}', True),
    (errors.AuthenticationError, '{"code":-1022,"msg":"Signature"}', True),
    (errors.PermissionDenied, "no", True),
    (errors.InvalidNonce, '{"code":-1021,"msg":"Timestamp"}', True),
    (errors.RateLimitExceeded, '{"code":-1015,"msg":"Too many new orders"}', True),
    (errors.DDoSProtection, '429 Too Many Requests {"code":-1003}', True),
    (errors.DDoSProtection, '418 I am a teapot {"code":-1003}', True),
    (errors.OrderImmediatelyFillable, "Order would immediately match and take.", True),
    (errors.DDoSProtection, "cloudflare", False),
    (errors.RequestTimeout, "POST https://x/order", False),
    (errors.RequestTimeout, '{"code":-1007,"msg":"Timeout waiting"}', False),
    (errors.OperationFailed, '{"code":-1001,"msg":"Internal error"}', False),
    (errors.OperationFailed, '{"code":-1006,"msg":"message bus"}', False),
    (errors.OperationFailed, '{"code":-1008,"msg":"overloaded"}', False),
    (errors.ExchangeNotAvailable, "503 Service Unavailable", False),
    (errors.NetworkError, "connection reset", False),
    (errors.BadResponse, "garbage", False),
    (errors.ExchangeError, '{"code":-9999,"msg":"something new"}', False),
    (errors.BaseError, "?", False),
]


@pytest.mark.parametrize(("kind", "text", "sure"), BINANCE)
def test_what_is_definite(kind, text, sure):
    assert definite(kind(f"binance {text}")) is sure


@pytest.mark.parametrize("error", [TimeoutError(), OSError("gone"), KeyError("x"), ValueError("y")])
def test_an_error_that_is_none_of_the_librarys_says_nothing(error):
    assert not definite(error)


@pytest.mark.parametrize(
    "name", [n for n in dir(errors) if isinstance(getattr(errors, n), type) and n != "Enum"]
)
def test_every_operation_that_failed_on_its_way_is_unknown_but_for_three(name):
    kind = getattr(errors, name)
    sure = {"InvalidNonce", "RateLimitExceeded"}
    if issubclass(kind, errors.OperationFailed) and name not in sure:
        assert not definite(kind("binance something"))


USED = [
    ("binance", '{"code":-2010,"msg":"Duplicate order sent."}'),
    ("okx", '{"code":"1","data":[{"sCode":"51011","sMsg":"ID is used."}],"msg":""}'),
    ("okx", '{"code":"1","data":[{"sCode":"51016","sMsg":"?"}],"msg":""}'),
    (
        "okx",
        '{"code":"1","data":[{"sCode":"51065","sMsg":"algoClOrdId already exists."}],"msg":""}',
    ),
    ("okx", '{"code":"1","data":[{"sCode":"51068","sMsg":"?"}],"msg":""}'),
    ("bybit", '{"retCode":10014,"retMsg":"?","result":{}}'),
    ("bybit", '{"retCode":12141,"retMsg":"?","result":{}}'),
    ("bybit", '{"retCode":110030,"retMsg":"?","result":{}}'),
    ("bybit", '{"retCode":110072,"retMsg":"?","result":{}}'),
    ("bybit", '{"retCode":170141,"retMsg":"?","result":{}}'),
    ("kraken", '{"error":["EOrder:Duplicate order"]}'),
    ("kraken", '{"error":["EOrder:Invalid arguments:cl_ord_id already in use"]}'),
    ("coinbase", '{"success":false,"error_response":{"error":"DUPLICATE_CLIENT_ORDER_ID"}}'),
]


@pytest.mark.parametrize(("name", "body"), USED)
def test_an_id_that_was_used_shows_an_order_of_ours_and_no_refusal(name, body):
    client = getattr(ccxt, name)()
    with pytest.raises(errors.BaseError) as told:
        client.handle_errors(400, "Bad", "u", "POST", {}, body, json.loads(body), {}, "")
    assert not definite(told.value)
    assert not definite(errors.DuplicateOrderId("exchange it is there"))


def test_codes_are_the_exchanges_own_or_the_name_of_the_class():
    assert code_of(errors.InvalidOrder('binance {"code":-2010,"msg":"x"}')) == "-2010"
    assert code_of(errors.InvalidOrder('okx {"code":"1","data":[{"sCode":"51008"}]}')) == "51008"
    assert code_of(errors.InsufficientFunds("binance no money")) == "InsufficientFunds"


def test_a_line_has_no_query():
    error = errors.RequestTimeout("binance GET https://x/api/v3/account?timestamp=1&signature=ab")
    assert said(error) == "binance GET https://x/api/v3/account"


def test_a_secret_is_hidden_before_a_line_is_cut_or_a_code_is_told():
    secret = "CANARYKEY" * 5
    remember(secret)
    told = said(errors.BadRequest("bybit " + "x" * 270 + f" {secret} and more"))
    assert "CANARY" not in told
    assert len(told) <= 300
    with pytest.raises(MessageError) as no_number:
        decimal(secret, "quantity")
    with pytest.raises(MessageError) as no_state:
        works({"status": secret})
    assert "CANARY" not in f"{no_number.value} {no_state.value}"
    assert "CANARY" not in code_of(errors.BadRequest(f'okx {{"code":"{secret}"}}'))


def test_orders_that_are_not_there_and_keys_that_may_not():
    assert not_there(errors.OrderNotFound("x"))
    assert not not_there(errors.InvalidOrder("x"))
    assert keyless(errors.PermissionDenied("x"))
    assert keyless(errors.DDoSProtection('binance {"code":-2015,"msg":"x"}'))
    assert not keyless(errors.NetworkError("x"))
