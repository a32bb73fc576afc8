"""What the law of a country asks of advertising by e-mail, text message and telephone: data, each with its source.

This is how Habitue reads the law, not legal advice. Whoever corrects a row corrects the table in docs/consent.md too; a
test compares them.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from habitue.model.instant import DAY, Span


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """`opt_in`: only with consent. `soft_opt_in`: also customers who bought, and have not refused. `opt_out`: whoever
    has not refused. `confirmed`: consent has to be provable, which double opt-in makes it."""

    consent: Literal["opt_in", "soft_opt_in", "opt_out"]
    source: str
    customer_for: Span | None = None
    """How long after her latest order a customer counts as one; None: as long as she does not refuse."""
    confirmed: bool = False


class Law(msgspec.Struct, frozen=True, kw_only=True):
    """`sms` and `call` are for consents that are kept and registered; Habitue itself sends neither."""

    country: str
    """Two letters; `EU` and `*` are the rows of those that have none of their own."""
    name: str
    email: Rule
    sms: Rule
    call: Rule
    sms_hours: str = ""
    """When advertising by text message may arrive, on the receiver's clock, where that is laid down."""
    footer: str = ""
    """What an advertising e-mail must show beside the way out."""
    postal_address: bool = False
    register: str = ""
    """A public register that consents have to be entered in."""
    read_in: str = ""
    """Where the rule on e-mail was read."""

    def rule(self, channel: str) -> Rule | None:
        match channel:
            case "email":
                return self.email
            case "sms":
                return self.sms
            case "call":
                return self.call
        return None


EU_MEMBERS = frozenset(
    {
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI",
        "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
    }
)  # fmt: skip
"""The European Economic Area: Directive 2002/58/EC holds in all of it."""

LAWS: tuple[Law, ...] = (
    Law(
        country="TR",
        name="Türkiye",
        email=Rule(consent="opt_in", source="Law 6563 art. 6(1)"),
        sms=Rule(consent="opt_in", source="Law 6563 art. 6(1)"),
        call=Rule(consent="opt_in", source="Law 6563 art. 6(1)"),
        footer="sender's name and contact (Regulation on Commercial Electronic Messages, RG 29417, art. 8)",
        register="İYS, within 3 business days",
        read_in="https://dev.iys.org.tr/api-metotlar/izin-yonetimi/izin-yonetimi/",
    ),
    Law(
        country="ES",
        name="Spain",
        email=Rule(consent="soft_opt_in", source="LSSI (Ley 34/2002) art. 21"),
        sms=Rule(consent="soft_opt_in", source="LSSI (Ley 34/2002) art. 21"),
        call=Rule(consent="opt_in", source="Ley 11/2022 art. 66(1)(b)"),
        footer="sender's name; an e-mail address or link to object (LSSI art. 20(1), 21(2))",
        read_in="https://aicorlopd.com/faq-lssi-ce",
    ),
    Law(
        country="DE",
        name="Germany",
        email=Rule(consent="soft_opt_in", source="§ 7(2) no. 2, (3) UWG", confirmed=True),
        sms=Rule(consent="soft_opt_in", source="§ 7(2) no. 2, (3) UWG", confirmed=True),
        call=Rule(consent="opt_in", source="§ 7(2) no. 1, § 7a UWG", confirmed=True),
        footer="sender's name; an address to object to (§ 7(2) no. 3 UWG)",
        read_in="https://lxgesetze.de/uwg/7",
    ),
    Law(
        country="AT",
        name="Austria",
        email=Rule(consent="soft_opt_in", source="§ 174(3), (4) TKG 2021", confirmed=True),
        sms=Rule(consent="soft_opt_in", source="§ 174(3), (4) TKG 2021", confirmed=True),
        call=Rule(consent="opt_in", source="§ 174(1) TKG 2021", confirmed=True),
        footer="sender's name; an address to object to (§ 174 TKG 2021)",
        read_in="https://www.werbe.at/dos-donts/recht-werbung/telefonwerbung-e-mail-werbung/",
    ),
    Law(
        country="FR",
        name="France",
        email=Rule(consent="soft_opt_in", source="CPCE art. L34-5"),
        sms=Rule(consent="soft_opt_in", source="CPCE art. L34-5"),
        call=Rule(consent="opt_in", source="Code de la consommation art. L223-1, as of August 2026"),
        sms_hours="Mon–Sat 08:00–20:00, no public holidays (operators' rule)",
        footer="sender's name; a simple way to object (CPCE art. L34-5)",
        read_in="https://www.agilit.law/en/personal-data/prospection-commerciale-directe/",
    ),
    Law(
        country="IT",
        name="Italy",
        email=Rule(consent="soft_opt_in", source="Codice privacy (D.lgs. 196/2003) art. 130(2), (4)"),
        sms=Rule(consent="opt_in", source="Codice privacy (D.lgs. 196/2003) art. 130(2)"),
        call=Rule(consent="opt_in", source="Codice privacy (D.lgs. 196/2003) art. 130(1), (3)"),
        footer="sender's name; an address to object to (art. 130(5))",
        read_in="https://www.gazzettaufficiale.it (D.lgs. 196/2003, art. 130)",
    ),
    Law(
        country="GB",
        name="United Kingdom",
        email=Rule(consent="soft_opt_in", source="PECR 2003 reg. 22(2), (3)"),
        sms=Rule(consent="soft_opt_in", source="PECR 2003 reg. 22(2), (3)"),
        call=Rule(consent="opt_out", source="PECR 2003 reg. 21"),
        footer="sender's name; an address to object to (PECR 2003 reg. 23)",
        read_in="https://www.geldards.com/insights/ico-updated-guidance-on-electronic-marketing-consent-and-the-soft-opt-in-exemption/",
    ),
    Law(
        country="US",
        name="United States",
        email=Rule(consent="opt_out", source="CAN-SPAM Act, 15 U.S.C. § 7704(a)"),
        sms=Rule(consent="opt_in", source="TCPA, 47 CFR § 64.1200(a)(2)"),
        call=Rule(consent="opt_in", source="TCPA, 47 CFR § 64.1200(a)(2), (c)"),
        sms_hours="08:00–21:00 (47 CFR § 64.1200(c)(1))",
        footer="a valid physical postal address (15 U.S.C. § 7704(a)(5))",
        postal_address=True,
        read_in="https://way2mail.net/knowledgebase/what-are-the-main-requirements-for-compliance",
    ),
    Law(
        country="CA",
        name="Canada",
        email=Rule(consent="soft_opt_in", source="CASL (S.C. 2010, c. 23) s. 6, 10(9), (10)", customer_for=730 * DAY),
        sms=Rule(consent="soft_opt_in", source="CASL (S.C. 2010, c. 23) s. 6, 10(9), (10)", customer_for=730 * DAY),
        call=Rule(consent="opt_out", source="CRTC Unsolicited Telecommunications Rules"),
        footer="sender's name and mailing address (CASL s. 6(2))",
        postal_address=True,
        read_in="https://crtc.gc.ca/eng/com500/guide.htm",
    ),
    Law(
        country="IN",
        name="India",
        email=Rule(consent="opt_in", source="Digital Personal Data Protection Act 2023 s. 6"),
        sms=Rule(consent="opt_in", source="TCCCPR 2018 (TRAI)"),
        call=Rule(consent="opt_in", source="TCCCPR 2018 (TRAI)"),
        sms_hours="10:00–21:00 (TCCCPR 2018, as providers apply it)",
        footer="who she can write to about her data (DPDP Act s. 6(3))",
        read_in="https://www.foxmandal.in/News/trai-mandates-fresh-consent-for-sending-promotional-messages/",
    ),
    Law(
        country="EU",
        name="Other countries of the EEA",
        email=Rule(consent="soft_opt_in", source="Directive 2002/58/EC art. 13(1), (2)"),
        sms=Rule(consent="soft_opt_in", source="Directive 2002/58/EC art. 13(1), (2)"),
        call=Rule(consent="opt_in", source="Directive 2002/58/EC art. 13(3), the stricter choice"),
        footer="sender's name; an address to object to (Directive 2002/58/EC art. 13(4))",
        read_in="https://anisalegal.com/sanciones-de-la-aepd-por-envio-de-publicidad/",
    ),
    Law(
        country="*",
        name="Everywhere else",
        email=Rule(consent="opt_in", source="no rule known here: the strictest is kept"),
        sms=Rule(consent="opt_in", source="no rule known here: the strictest is kept"),
        call=Rule(consent="opt_in", source="no rule known here: the strictest is kept"),
    ),
)

_BY_COUNTRY = {law.country: law for law in LAWS}


def law_of(country: str) -> Law:
    """The row of a country, by its two letters; the strictest where there is none."""
    return _BY_COUNTRY.get(country) or _BY_COUNTRY["EU" if country in EU_MEMBERS else "*"]


CALLING_CODES: dict[str, tuple[str, ...]] = {
    "1": ("CA", "US"), "30": ("GR",), "31": ("NL",), "32": ("BE",), "33": ("FR",), "34": ("ES",), "351": ("PT",),
    "352": ("LU",), "353": ("IE",), "354": ("IS",), "356": ("MT",), "357": ("CY",), "358": ("FI",), "359": ("BG",),
    "36": ("HU",), "370": ("LT",), "371": ("LV",), "372": ("EE",), "385": ("HR",), "386": ("SI",), "39": ("IT",),
    "40": ("RO",), "41": ("CH",), "420": ("CZ",), "421": ("SK",), "423": ("LI",), "43": ("AT",), "44": ("GB",),
    "45": ("DK",), "46": ("SE",), "47": ("NO",), "48": ("PL",), "49": ("DE",), "61": ("AU",), "90": ("TR",),
    "91": ("IN",),
}  # fmt: skip
"""Calling code → countries, the strictest law first (ITU-T E.164)."""
