"""Currencies: their codes (ISO 4217), how many decimals they are written with, and the signs they are known by."""

from __future__ import annotations

_LISTED = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK
HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL
MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON
RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX
USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL
"""
CODES: frozenset[str] = frozenset(_LISTED.split())

_THREE = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
_NONE = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"}
)

SIGNS: dict[str, str] = {
    "$": "", "€": "EUR", "£": "GBP", "¥": "JPY", "￥": "JPY", "円": "JPY", "元": "CNY", "₺": "TRY",
    "TL": "TRY", "₹": "INR", "Rs": "INR", "zł": "PLN", "Kč": "CZK", "Ft": "HUF", "kr": "", "kr.": "DKK",
    "₽": "RUB", "руб.": "RUB", "₴": "UAH", "₪": "ILS", "₩": "KRW", "₫": "VND", "฿": "THB", "₦": "NGN",
    "₱": "PHP", "₸": "KZT", "₼": "AZN", "₾": "GEL", "₡": "CRC", "₲": "PYG", "₵": "GHS", "R$": "BRL",
    "US$": "USD", "$US": "USD", "CA$": "CAD", "C$": "CAD", "$CA": "CAD", "A$": "AUD", "AU$": "AUD",
    "$AU": "AUD", "NZ$": "NZD", "HK$": "HKD", "NT$": "TWD", "S$": "SGD", "MX$": "MXN", "CN¥": "CNY",
    "JP¥": "JPY", "Fr.": "CHF", "SFr.": "CHF", "sFr.": "CHF", "lei": "RON", "лв.": "BGN", "щ.д.": "USD",
    "din.": "RSD", "Rp": "IDR", "RM": "MYR", "R": "ZAR", "Bs": "", "S/": "PEN", "د.إ.": "AED",
    "ر.س.": "SAR", "ج.م.": "EGP", "د.ك.": "KWD", "د.ت.": "TND", "د.أ.": "JOD", "د.ب.": "BHD",
    "د.م.": "MAD",
}  # fmt: skip
"""Sign → currency; empty where several countries use it."""


def decimals(code: str) -> int:
    """How many digits an amount of the currency has after its decimal sign; 2 where the currency is not known."""
    return 3 if code in _THREE else 0 if code in _NONE else 2


def read_code(value: object) -> str:
    """The code in capitals, or nothing where it is none."""
    code = value.strip().upper() if isinstance(value, str) and len(value) <= 10 else ""
    return code if code in CODES else ""
