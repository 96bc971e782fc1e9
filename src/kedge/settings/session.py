"""A session that trades: where its state lies, how long it waits, how it begins and ends."""

from pathlib import Path
from typing import Literal, Self

from pydantic import field_validator, model_validator

from kedge.settings.database import address, secret_name
from kedge.settings.fields import Instant, Node, Number, Whole, impossible, setting

_S = "seconds"


class Session(Node):
    """What `kedge run` needs beside what every run does; none of it changes a decision."""

    folder: Path = setting(
        Path("out/session"), "Folder of the session, relative to the working directory.", ""
    )
    start: Instant | None = setting(
        None,
        "Where the embedded venue's clock begins; null: now.",
        "date or time, UTC",
    )
    warm_up: Whole = setting(
        300, "Rows of history just before the start, from the venue.", "rows", ge=2
    )
    grace_s: Number = setting(
        0.2, "How long after its end a row waits for what is under way.", _S, ge=0, le=60
    )
    silence_s: Number = setting(
        20.0, "A book that says nothing for so long is not trusted.", _S, gt=0
    )
    print_share: Number = setting(
        0.05,
        "A print farther than this beyond the book of its row, and than 10 spreads and 10 "
        "deviations of recent rows, is left out.",
        "share of price", gt=0,
    )  # fmt: skip
    pre_open_s: Number = setting(
        900.0, "How long before the opening a session of an exchange with hours begins.", _S, ge=0
    )
    compare_s: Number = setting(
        60.0, "Between two comparisons of orders, positions and cash with the venue.", _S, gt=0
    )
    send_s: Number = setting(
        1.0, "An order that has not left by then is not sent any more.", _S, gt=0
    )
    ack_s: Number = setting(5.0, "Wait for an acknowledgement before asking.", _S, gt=0)
    cancel_s: Number = setting(5.0, "Wait for the outcome of a cancel.", _S, gt=0)
    cancel_tries: Whole = setting(3, "Cancels before an order is in doubt.", "cancels", ge=1)
    query_s: Number = setting(1.0, "Between the first two questions; doubles.", _S, gt=0)
    query_max_s: Number = setting(60.0, "Longest pause between two questions.", _S, gt=0)
    fills_s: Number = setting(1.0, "Wait for a fill that is known to be missing.", _S, gt=0)
    strangers: Literal["ignore", "adopt", "halt"] = setting(
        "halt", "What is done about orders at the venue that are not ours.", ""
    )
    differences: Literal["halt", "adjust"] = setting(
        "halt", "What is done where the venue holds something else for good.", ""
    )
    at_end: Literal["cancel", "leave", "flatten"] = setting(
        "cancel",
        "Working orders at a graceful end: cancel them, leave them, or close every position; "
        "protective stops always stay with what they protect.",
        "",
    )
    end_s: Number = setting(
        15.0, "How long a graceful end waits for the venue, at the session's clock.", _S, gt=0
    )

    record: bool = setting(
        False,
        "At an exchange: keep every message of its feed, in `market/` of the session's folder.",
        "",
    )
    backup_every_s: Number = setting(
        3600.0, "Between two backups of the journal, by your clock; 0: none.", _S, ge=0
    )
    backup_folder: Path | None = setting(
        None,
        "Folder of the backups of this session and no other, relative to the working directory; "
        "null: `backups` in the session's folder.",
        "",
    )
    backups_kept: Whole = setting(7, "The oldest backups beyond so many go.", "backups", ge=1)
    database: str | None = setting(
        None,
        "Where tables of orders, fills, positions and so on are kept up to date: a file of SQLite, "
        "or a URL such as postgresql://user@host/database without a password; null: nowhere.",
        "",
    )
    database_password: str | None = setting(
        None, "Name of the secret that is the database's password; null: none.", ""
    )

    @field_validator("database", mode="before")
    @classmethod
    def _no_password_in_it(cls, given: object) -> object:
        return address(given)

    @field_validator("database_password", mode="before")
    @classmethod
    def _a_name_and_no_password(cls, given: object) -> object:
        return secret_name(given)

    @model_validator(mode="after")
    def _only_servers_have_passwords(self) -> Self:
        if self.database_password is not None and not (self.database or "").startswith("postgres"):
            raise impossible(
                "session.database session.database_password",
                "a password is named and no server",
                "name a PostgreSQL server, or leave database_password out",
            )
        return self

    @model_validator(mode="after")
    def _pauses_grow(self) -> Self:
        if self.query_max_s < self.query_s:
            raise impossible(
                "session.query_s session.query_max_s",
                f"query_max_s {self.query_max_s:g} is below query_s {self.query_s:g}",
                "let the longest pause be no shorter than the first",
            )
        return self
