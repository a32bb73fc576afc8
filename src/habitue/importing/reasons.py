"""Why a row was not taken: a closed list, beside the reasons of ingest, which the finished event has to pass too."""

from __future__ import annotations

from enum import StrEnum


class RowReason(StrEnum):
    """Stands as `reason` in the file of rejected rows; its sentence is in `SENTENCES`."""

    NOT_A_ROW = "not_a_row"
    WRONG_LENGTH = "wrong_length"
    BAD_ENCODING = "bad_encoding"
    LINE_TOO_LONG = "line_too_long"
    NO_TIME = "no_time"
    TIME_NOT_BELIEVED = "time_not_believed"
    NOT_A_NUMBER = "not_a_number"
    NOT_A_VALUE = "not_a_value"
    ROUNDED_ID = "rounded_id"
    NO_ORDER_ID = "no_order_id"
    UNKNOWN_STATUS = "unknown_status"
    NO_REFUND_AMOUNT = "no_refund_amount"
    ORDER_SPOILT = "order_spoilt"
    ORDER_CLOSED = "order_closed"
    UNKNOWN_ANSWER = "unknown_answer"
    NOT_A_PRODUCT = "not_a_product"


SENTENCES: dict[RowReason, str] = {
    RowReason.NOT_A_ROW: "The line is no JSON object, or its quotes do not match.",
    RowReason.WRONG_LENGTH: "The row has more or fewer cells than the header has columns.",
    RowReason.BAD_ENCODING: "The row holds bytes that are not text in the file's encoding.",
    RowReason.LINE_TOO_LONG: "The line is longer than a row may be.",
    RowReason.NO_TIME: "There is no time, or none that the mapping's time formats can read.",
    RowReason.TIME_NOT_BELIEVED: "The time lies in the future or before the year 2000.",
    RowReason.NOT_A_NUMBER: "A field that must be a number holds something else.",
    RowReason.NOT_A_VALUE: "A field cannot be read as the kind of value that the mapping says it is.",
    RowReason.ROUNDED_ID: "An id is a number that a spreadsheet has rounded: it stands for many ids.",
    RowReason.NO_ORDER_ID: "The row does not say which order it belongs to.",
    RowReason.UNKNOWN_STATUS: "The order's status is a word that the mapping's statuses do not explain.",
    RowReason.NO_REFUND_AMOUNT: "The order is refunded in part, and nothing says how much.",
    RowReason.ORDER_SPOILT: "Another row of the same order was rejected; the order is taken whole or not at all.",
    RowReason.ORDER_CLOSED: "The row came too long after the other rows of its order.",
    RowReason.UNKNOWN_ANSWER: "A consent is neither given nor withdrawn by this word.",
    RowReason.NOT_A_PRODUCT: "The product has no id or no name, or a field that a product cannot have.",
}


class RowRefused(Exception):
    """{reason}: {detail}"""

    def __init__(self, reason: RowReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
