"""Numbers out of forms and addresses: what is one, and that whatever else stands there is none."""

import pytest

from ava.form_numbers import KEY_DIGITS, read_number


@pytest.mark.parametrize("text", ["", " ", "-1", "+1", "1.0", "1e3", "0x1", "²", "٣", "１２", "1\0", "1 2", "1" * 10])
def test_what_is_no_number_or_too_long_is_none(text: str) -> None:
    assert read_number(text) is None


def test_numbers_are_read_up_to_as_many_digits_as_are_allowed() -> None:
    assert [read_number(text) for text in ("0", "007", "999999999")] == [0, 7, 999_999_999]
    assert read_number("9" * KEY_DIGITS, digits=KEY_DIGITS) == 10**KEY_DIGITS - 1 < 2**63
    assert read_number("100", digits=2) is None
