"""What the wire refuses a request with: an HTTP status and the exchange's own code.

::

    KedgeError
    └── RequestError    turned into an answer by the server, never into a traceback
"""

from typing import Final

from kedge.domain.errors import KedgeError
from kedge.venues.simulated.codes import Refused


class RequestError(KedgeError):
    """A definite no to one request.

    Args:
        code: the exchange's number.
        text: one line.
        status: of HTTP.
        retry_after: seconds after which to ask again, 0 for none.
    """

    def __init__(self, code: int, text: str, status: int = 400, retry_after: int = 0) -> None:
        self.code, self.text, self.status, self.retry_after = code, text, status, retry_after
        super().__init__(f"{code} {text}")

    def body(self) -> dict[str, object]:
        """What the answer says."""
        return {"code": self.code, "msg": self.text}


def refused(what: Refused) -> RequestError:
    """A refusal of the exchange behind the wire."""
    return RequestError(int(what.code), what.text)


def missing(name: str) -> RequestError:
    """A parameter that has to be there is not."""
    text = f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."
    return RequestError(-1102, text)


def illegal(name: str) -> RequestError:
    """A parameter holds what it may not hold."""
    return RequestError(-1100, f"Illegal characters found in parameter '{name}'.")


NO_SUCH_ORDER: Final = (-2013, "Order does not exist.")
NO_SUCH_CANCEL: Final = (-2011, "Unknown order sent.")
NO_SUCH_KEY: Final = (-2015, "Invalid API-key, IP, or permissions for action.")
BAD_KEY: Final = (-2014, "API-key format invalid.")
BAD_SIGNATURE: Final = (-1022, "Signature for this request is not valid.")
TOO_OLD: Final = (-1021, "Timestamp for this request is outside of the recvWindow.")
TOO_NEW: Final = (-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
NO_LISTEN_KEY: Final = (-1125, "This listenKey does not exist.")
UNKNOWN_STATUS: Final = (
    -1007,
    "Timeout waiting for response from backend server. Send status unknown; execution status "
    "unknown.",
)
INTERNAL: Final = (-1001, "Internal error; unable to process your request. Please try again.")
