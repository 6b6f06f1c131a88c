"""Implements the built-in carrier: our own UPU S10 numbers, tracking reported by API."""

WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


SERVICE, COUNTRY = "TL", "CN"


def s10_number(serial: int) -> str:
    """The S10 identifier of a serial number: two letters, eight digits, check digit, country.

    serial   0 to 99,999,999
    Source: UPU S10-12; weights 8 6 4 2 3 5 9 7, check 11 − sum mod 11, 10 → 0, 11 → 5.
    """
    digits = f"{serial % 100_000_000:08d}"
    check = 11 - sum(w * int(d) for w, d in zip(WEIGHTS, digits, strict=True)) % 11
    check = {10: 0, 11: 5}.get(check, check)
    return f"{SERVICE}{digits}{check}{COUNTRY}"


def is_s10(number: str) -> bool:
    """Whether a number has the S10 shape and its check digit is right."""
    if len(number) != 13 or not number.isascii() or not number[2:11].isdecimal():
        return False
    weighted = sum(w * int(d) for w, d in zip(WEIGHTS, number[2:10], strict=True))
    check = 11 - weighted % 11
    return number[:2].isalpha() and {10: 0, 11: 5}.get(check, check) == int(number[10])
