"""Values as cells of tables that people open in spreadsheets."""

from typing import Any

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "＝", "＋", "－", "＠")  # some fold full width


def spreadsheet_cell(value: Any) -> Any:
    """Give a value as a cell: lists as lines, and text that a spreadsheet would take for a formula as text.

    Such text gets an apostrophe before it (OWASP, CSV injection). Numbers stay what they are.
    """
    if isinstance(value, list):
        value = "\n".join(value)
    if not isinstance(value, str):
        return value
    text = value.replace("\x00", "")
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA_STARTS) else text
