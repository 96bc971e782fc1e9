"""The door: from a request to its answer, with limits, rights and the delays of the way."""

import asyncio
from collections.abc import Mapping
from random import Random

import msgspec

from kedge.venues.simulated.fault_plan import Fault
from kedge.venues.simulated.latency import Latency
from kedge.venues.wire.asked import MS, Asked, Rights, rights_of
from kedge.venues.wire.clockwork import Clockwork
from kedge.venues.wire.endpoints import ENDPOINTS, Endpoint
from kedge.venues.wire.faults import Faults
from kedge.venues.wire.floor import Floor
from kedge.venues.wire.limits import Allowed, Limits
from kedge.venues.wire.orders import account
from kedge.venues.wire.refusals import INTERNAL, UNKNOWN_STATUS, RequestError


class Answer(msgspec.Struct, frozen=True):
    """What a request is answered with.

    Attributes:
        status: of HTTP; 0 where there is no answer at all.
        body: to be encoded.
        headers: besides those of HTTP itself.
    """

    status: int
    body: object
    headers: dict[str, str] = {}


class Door:
    """Lets requests in.

    Args:
        floor: the exchange.
        clockwork: its clock.
        faults: of requests and answers.
        keys: API keys.
        allowed: limits of an address.
        latency: of requests and answers.
        random: of their delays.

    Attributes:
        keys: API keys.
    """

    def __init__(
        self,
        floor: Floor,
        clockwork: Clockwork,
        faults: Faults,
        keys: Mapping[str, Rights],
        allowed: Allowed,
        latency: Latency,
        random: Random,
    ) -> None:
        self._floor, self._clockwork, self._faults = floor, clockwork, faults
        self.keys = keys
        self._allowed = allowed
        self._latency, self._random = latency, random
        self._limits: dict[str, Limits] = {}

    async def answer(self, method: str, path: str, asked: Asked, key: str, peer: str) -> Answer:
        """Serve one request.

        Args:
            method: of HTTP.
            path: of the address.
            asked: its parameters.
            key: the API key that it brought, empty for none.
            peer: address that it came from.
        """
        limits = self._limits.setdefault(peer, Limits(self._allowed))
        try:
            body = await self._served(method, path, asked, key, limits)
            status, headers = 200, {}
        except RequestError as error:
            body, status = error.body(), error.status
            headers = {"Retry-After": str(error.retry_after)} if error.retry_after else {}
        if body is None:
            return Answer(0, None)
        return Answer(status, body, limits.headers(self._clockwork.door) | headers)

    def check(self, asked: Asked) -> None:
        """See that a message of the WebSocket API was signed.

        Raises:
            RequestError: it was not.
        """
        rights = rights_of(asked.params.get("apiKey", ""), self.keys, trade=False)
        asked.check(rights, self._clockwork.door)

    async def _served(
        self, method: str, path: str, asked: Asked, key: str, limits: Limits
    ) -> object:
        faults, now = self._faults, self._clockwork.door
        if faults.holds(Fault.OUTAGE):
            raise RequestError(*INTERNAL, status=503)
        if faults.holds(Fault.BANNED):
            limits.refuse_banned(60)
        fault = faults.of_request()
        if fault is Fault.RATE_LIMITED:
            limits.refuse(1)
        if fault is Fault.ERROR_NOT_DONE:
            raise RequestError(*INTERNAL, status=503)
        await self._way(fault is Fault.REQUEST_LATE)
        if fault is Fault.REQUEST_LOST:
            await self._silence()
            return None
        body = self._done(method, path, asked, key, limits, now, twice=fault is Fault.REQUEST_TWICE)
        await self._way(fault is Fault.ANSWER_LATE)
        if fault is Fault.ANSWER_LOST:
            await self._silence()
            return None
        if fault is Fault.ERROR_DONE:
            raise RequestError(*UNKNOWN_STATUS, status=503)
        return body

    def _done(
        self,
        method: str,
        path: str,
        asked: Asked,
        key: str,
        limits: Limits,
        now: int,
        *,
        twice: bool,
    ) -> object:
        if (method, path) == ("GET", "/api/v3/time"):
            limits.spend(1, now)
            return {"serverTime": self._clockwork.door // MS}
        endpoint = ENDPOINTS.get((method, path))
        if endpoint is None:
            raise RequestError(-1000, f"No such path: {method} {path}", 404)
        limits.spend(endpoint.weight, now)
        self._may(endpoint, asked, key)
        if endpoint.order:
            limits.order(now)
        self._clockwork.run()
        body = endpoint.serve(self._floor, asked)
        if twice and not endpoint.order:
            body = endpoint.serve(self._floor, asked)
        if endpoint.serve is account and self._faults.of_balances():
            return _wrong(body)
        return body

    def _may(self, endpoint: Endpoint, asked: Asked, key: str) -> None:
        if endpoint.signed:
            rights = rights_of(key, self.keys, trade=endpoint.trade)
            asked.check(rights, self._clockwork.door)

    async def _way(self, late: bool) -> None:
        seconds = 0.0 if self._clockwork.lockstep else self._latency.way(self._random) * 1e-9
        seconds += self._faults.late_s() if late else 0.0
        if seconds:
            await asyncio.sleep(seconds)

    async def _silence(self) -> None:
        await asyncio.sleep(self._faults.plan.timeout * 1e-9)


def _wrong(body: object) -> object:
    """Balances with one figure wrong."""
    told = msgspec.json.decode(msgspec.json.encode(body))
    first = told["balances"][0]
    first["free"] = f"{float(first['free']) * 0.99:.8f}"
    return told
