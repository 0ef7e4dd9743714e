#!/usr/bin/env python3
"""What a month costs, at 10 thousand, a million and 100 million requests to the API.

  deploy/costs.py                              print the tables
  deploy/costs.py --check docs/operations.md   fail where the document does not have them as they are printed
  deploy/costs.py --write docs/operations.md   put them there, between its two marks

Prices are those of us-east-1 (N. Virginia) in US dollars without tax, as published until November 2026. Other regions
differ by some per cent. Each price says which page it is of, and where it was read; nothing here has seen a bill.
"""

import argparse
import math
import pathlib
import sys
from typing import NamedTuple

REGION = "us-east-1"
DATE = "November 2026"
VOLUMES = [10_000, 1_000_000, 100_000_000]
BEGIN, END = "<!-- costs: deploy/costs.py -->", "<!-- end of costs -->"
HOURS = 730
MILLION = 1_000_000
GB = 1_000_000_000


class Price(NamedTuple):
    """An amount of dollars for one unit."""

    usd: float
    unit: str
    page: str
    read: str


# The vendors' pages print most figures by script, which no copy of them has: what was read is named.
NOT_CHECKED = "not checked: compare it with the page"
PRICES = {
    "lambda request": Price(0.20 / MILLION, "request", "AWS Lambda pricing", "a summary of May 2026"),
    "lambda GB-second": Price(0.0000133334, "GB-second of arm64", "AWS Lambda pricing", "a summary of May 2026"),
    "http api request": Price(1.00 / MILLION, "request, the first 300 million", "Amazon API Gateway pricing", "two summaries, 2025 and 2026"),
    "cloudfront request": Price(0.0100 / 10_000, "HTTPS request, from the USA", "Amazon CloudFront pricing", NOT_CHECKED),
    "cloudfront GB": Price(0.085, "GB to the internet, USA and Europe", "Amazon CloudFront pricing", NOT_CHECKED),
    "cloudfront function": Price(0.10 / MILLION, "run", "Amazon CloudFront pricing", "a summary by Vantage"),
    "log GB": Price(0.50, "GB written", "Amazon CloudWatch pricing", "a summary of June 2026"),
    "log GB-month": Price(0.03, "GB kept for a month", "Amazon CloudWatch pricing", NOT_CHECKED),
    "alarm metric": Price(0.10, "metric of an alarm", "Amazon CloudWatch pricing", NOT_CHECKED),
    "schedule": Price(1.00 / MILLION, "call", "Amazon EventBridge pricing", NOT_CHECKED),
    "mail": Price(0.10 / 1_000, "e-mail", "Amazon SES pricing", NOT_CHECKED),
    "secret": Price(0.40, "secret", "AWS Secrets Manager pricing", "a summary, 2026"),
    "s3 GB-month": Price(0.023, "GB", "Amazon S3 pricing", NOT_CHECKED),
    "waf acl": Price(5.00, "web ACL", "AWS WAF pricing", "two summaries, 2026"),
    "waf rule": Price(1.00, "rule", "AWS WAF pricing", "two summaries, 2026"),
    "waf request": Price(0.60 / MILLION, "request", "AWS WAF pricing", "two summaries, 2026"),
    "neon CU-hour": Price(0.14, "CU-hour (Launch; its Free plan ends at 50)", "Neon plans", "the page itself"),
    "neon GB-month": Price(0.35, "GB", "Neon plans", "the page itself"),
    "aurora ACU-hour": Price(0.12, "ACU-hour", "Amazon Aurora pricing", "two summaries, 2026"),
    "aurora GB-month": Price(0.10, "GB", "Amazon Aurora pricing", NOT_CHECKED),
    "aurora I/O": Price(0.20 / MILLION, "I/O request", "Amazon Aurora pricing", NOT_CHECKED),
    "proxy ACU-hour": Price(0.015, "ACU-hour, 8 ACU at least", "Amazon RDS Proxy pricing", "the minimum in an article of June 2024; the price " + NOT_CHECKED),
    "endpoint hour": Price(0.01, "hour and zone", "AWS PrivateLink pricing", NOT_CHECKED),
}

# What an account has for nothing each month, for as long as it likes.
FREE_LAMBDA_REQUESTS = 1_000_000
FREE_LAMBDA_GB_SECONDS = 400_000
FREE_CLOUDFRONT_REQUESTS = 10_000_000
FREE_CLOUDFRONT_GB = 1_000
FREE_CLOUDFRONT_FUNCTIONS = 2_000_000
FREE_LOG_GB = 5
FREE_ALARM_METRICS = 10
FREE_SCHEDULES = 14_000_000

# Measured: docs/performance.md, on a whole processor and without a network.
LIST_MS = 0.73
SIGN_IN_MS = 23.2
FIRST_ANSWER_MS = 15.4
CLAIMING_MS = 3.5
# In template.yaml. Lambda gives a whole processor at 1,769 MB, and less in proportion.
MEMORY_MB = 256
AUTH_MEMORY_MB = 1_769
WHOLE_PROCESSOR_MB = 1_769
ALARM_METRICS = 27
SECRETS = 1
# In edge.yaml.
WAF_RULES = 4
# In database.yaml: endpoints for SES and Lambda in two zones each, and the secrets of three roles.
DATABASE_ENDPOINTS = 2 * 2
DATABASE_SECRETS = 3
PROXY_MINIMUM_ACU = 8

# Assumed.
ROUND_TRIP_MS = 1.0
ROUND_TRIPS = 2
SIGN_IN_ROUND_TRIPS = 8
AUTH_SHARE = 1 / 50
AUTHORIZER_SHARE = 1 / 5
COLD_SHARE = 1 / 100
FILES_PER_REQUEST = 1 / 5
ANSWER_BYTES = 4_000
FILE_BYTES = 20_000
ACCESS_LOG_BYTES = 600
FUNCTION_LOG_BYTES = 400
MAILS_PER_REQUEST = 5 / 1_000
PHOTOS_GB = 2
DISPATCHER_CALLS = HOURS * 60
DATABASE_GB = 5
IO_PER_REQUEST = 0.2
# On average over the month, by volume.
NEON_CU = [0.25, 0.25, 2.0]
AURORA_ACU = [1.0, 1.0, 4.0]

SHARE_OF_PROCESSOR = MEMORY_MB / WHOLE_PROCESSOR_MB
# Lambda rounds up to a whole millisecond.
BILLED_MS = math.ceil(LIST_MS / SHARE_OF_PROCESSOR + ROUND_TRIPS * ROUND_TRIP_MS)
BILLED_AUTH_MS = math.ceil(SIGN_IN_MS + SIGN_IN_ROUND_TRIPS * ROUND_TRIP_MS)
BILLED_COLD_MS = math.ceil(FIRST_ANSWER_MS / SHARE_OF_PROCESSOR)
BILLED_DISPATCHER_MS = math.ceil(CLAIMING_MS / SHARE_OF_PROCESSOR + SIGN_IN_ROUND_TRIPS * ROUND_TRIP_MS)


class Line(NamedTuple):
    what: str
    how: str
    usd: float


def usd(name):
    return PRICES[name].usd


def beyond(amount, free):
    return max(0.0, amount - free)


def platform(requests):
    """All lines but the database."""
    mails = requests * MAILS_PER_REQUEST
    at_the_edge = requests * (1 + FILES_PER_REQUEST)
    gigabytes_out = requests * (ANSWER_BYTES + FILES_PER_REQUEST * FILE_BYTES) / GB
    calls = requests * (1 + AUTHORIZER_SHARE) + DISPATCHER_CALLS + mails
    gb_seconds = (
        (requests * (1 - AUTH_SHARE + AUTHORIZER_SHARE) + mails) * MEMORY_MB / 1024 * BILLED_MS / 1000
        + requests * AUTH_SHARE * AUTH_MEMORY_MB / 1024 * BILLED_AUTH_MS / 1000
        + requests * COLD_SHARE * MEMORY_MB / 1024 * BILLED_COLD_MS / 1000
        + DISPATCHER_CALLS * MEMORY_MB / 1024 * BILLED_DISPATCHER_MS / 1000
    )
    logs = (requests * ACCESS_LOG_BYTES + calls * FUNCTION_LOG_BYTES) / GB
    return [
        Line(
            "Lambda, calls",
            f"requests × {1 + AUTHORIZER_SHARE:g} (every fifth asks the authorizer) + {DISPATCHER_CALLS:,} of the dispatcher "
            f"+ mails, beyond 1 M free, × $0.20 / M",
            beyond(calls, FREE_LAMBDA_REQUESTS) * usd("lambda request"),
        ),
        Line(
            "Lambda, duration",
            f"{BILLED_MS} ms at {MEMORY_MB} MB ({LIST_MS} ms ÷ {SHARE_OF_PROCESSOR:.3f} of a processor + {ROUND_TRIPS} round trips "
            f"of {ROUND_TRIP_MS:g} ms); {BILLED_AUTH_MS} ms at {AUTH_MEMORY_MB:,} MB for one in {1 / AUTH_SHARE:g} ({SIGN_IN_MS} + "
            f"{SIGN_IN_ROUND_TRIPS}); {BILLED_COLD_MS} ms for one start in {1 / COLD_SHARE:g}; {BILLED_DISPATCHER_MS} ms each "
            f"minute; beyond 400,000 GB-s free, × $0.0000133334",
            beyond(gb_seconds, FREE_LAMBDA_GB_SECONDS) * usd("lambda GB-second"),
        ),
        Line("API Gateway", "requests × $1.00 / M", requests * usd("http api request")),
        Line(
            "CloudFront",
            f"requests × {1 + FILES_PER_REQUEST:g}, beyond 10 M free, × $1.00 / M; {ANSWER_BYTES // 1000} KB an answer and "
            f"{FILE_BYTES // 1000} KB a file, beyond 1 TB free, × $0.085 / GB; functions beyond 2 M free × $0.10 / M",
            beyond(at_the_edge, FREE_CLOUDFRONT_REQUESTS) * usd("cloudfront request")
            + beyond(gigabytes_out, FREE_CLOUDFRONT_GB) * usd("cloudfront GB")
            + beyond(at_the_edge, FREE_CLOUDFRONT_FUNCTIONS) * usd("cloudfront function"),
        ),
        Line(
            "Logs",
            f"{ACCESS_LOG_BYTES} B a request and {FUNCTION_LOG_BYTES} B a call, beyond 5 GB free, × $0.50 / GB, and $0.03 / GB "
            f"to keep them for 30 days",
            beyond(logs, FREE_LOG_GB) * (usd("log GB") + usd("log GB-month")),
        ),
        Line(
            "Alarms",
            f"{ALARM_METRICS} metrics − {FREE_ALARM_METRICS} free, × $0.10; the dashboard and both metrics of logs are free",
            (ALARM_METRICS - FREE_ALARM_METRICS) * usd("alarm metric"),
        ),
        Line(
            "Scheduler",
            f"{DISPATCHER_CALLS:,} calls, of which 14 M are free",
            beyond(DISPATCHER_CALLS, FREE_SCHEDULES) * usd("schedule"),
        ),
        Line("SES", f"{MAILS_PER_REQUEST * 1000:g} mails per 1,000 requests × $0.10 / 1,000", mails * usd("mail")),
        Line("Secrets Manager", f"{SECRETS} × $0.40", SECRETS * usd("secret")),
        Line("S3", f"{PHOTOS_GB} GB of photos × $0.023", PHOTOS_GB * usd("s3 GB-month")),
    ]


def options(requests, volume):
    """What is chosen beside: a database, and the web ACL."""
    at_the_edge = requests * (1 + FILES_PER_REQUEST)
    return [
        Line(
            "Database: Neon, Launch",
            f"{' / '.join(f'{cu:g}' for cu in NEON_CU)} CU × {HOURS} h × $0.14 + {DATABASE_GB} GB × $0.35",
            NEON_CU[volume] * HOURS * usd("neon CU-hour") + DATABASE_GB * usd("neon GB-month"),
        ),
        Line(
            "Database: Aurora and RDS Proxy (database.yaml)",
            f"{' / '.join(f'{acu:g}' for acu in AURORA_ACU)} ACU × {HOURS} h × $0.12 + {DATABASE_GB} GB × $0.10 + "
            f"{IO_PER_REQUEST:g} I/O a request × $0.20 / M; proxy {PROXY_MINIMUM_ACU} ACU × {HOURS} h × $0.015; "
            f"{DATABASE_ENDPOINTS} endpoints × {HOURS} h × $0.01; {DATABASE_SECRETS} secrets × $0.40",
            AURORA_ACU[volume] * HOURS * usd("aurora ACU-hour")
            + DATABASE_GB * usd("aurora GB-month")
            + requests * IO_PER_REQUEST * usd("aurora I/O")
            + max(PROXY_MINIMUM_ACU, AURORA_ACU[volume]) * HOURS * usd("proxy ACU-hour")
            + DATABASE_ENDPOINTS * HOURS * usd("endpoint hour")
            + DATABASE_SECRETS * usd("secret"),
        ),
        Line(
            "Web ACL (edge.yaml)",
            f"$5 + {WAF_RULES} rules × $1 + requests × {1 + FILES_PER_REQUEST:g} × $0.60 / M",
            usd("waf acl") + WAF_RULES * usd("waf rule") + at_the_edge * usd("waf request"),
        ),
    ]


def table(head, columns):
    rows = [head, "|---|---|--:|--:|--:|"]
    for lines in zip(*columns):
        rows.append(f"| {lines[0].what} | {lines[0].how} | " + " | ".join(f"{line.usd:,.2f}" for line in lines) + " |")
    return rows


def document():
    platforms = [platform(requests) for requests in VOLUMES]
    chosen = [options(requests, volume) for volume, requests in enumerate(VOLUMES)]
    totals = [sum(line.usd for line in lines) for lines in platforms]
    head = "| {} | how | 10 thousand | 1 million | 100 million |"
    rows = [f"US dollars a month, {REGION}, prices of {DATE}, by requests to the API.", ""]
    rows += table(head.format("platform"), platforms)
    rows += ["| **together** | | " + " | ".join(f"**{total:,.2f}**" for total in totals) + " |", ""]
    rows += table(head.format("beside it"), chosen)
    for index, name in enumerate(["Neon", "Aurora"]):
        sums = [total + lines[index].usd for total, lines in zip(totals, chosen)]
        rows.append(f"| **platform with {name}** | | " + " | ".join(f"**{each:,.2f}**" for each in sums) + " |")
    rows += ["", "| price | US dollars | of the page | read in |", "|---|---|---|---|"]
    for price in PRICES.values():
        amount = f"{price.usd * MILLION:g} / million" if price.usd < 0.001 else f"{price.usd:g}"
        rows.append(f"| {price.unit} | {amount} | {price.page} | {price.read} |")
    return "\n".join(rows)


def between_marks(text):
    begin, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    return begin, end


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", type=pathlib.Path, metavar="DOCUMENT")
    parser.add_argument("--write", type=pathlib.Path, metavar="DOCUMENT")
    arguments = parser.parse_args()
    path = arguments.check or arguments.write
    if not path:
        print(document())
        return 0
    text = path.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        print(f"{path} lacks the mark {BEGIN} or {END}", file=sys.stderr)
        return 1
    begin, end = between_marks(text)
    wanted = f"\n{document()}\n"
    if arguments.write:
        path.write_text(text[:begin] + wanted + text[end:], encoding="utf-8")
        return 0
    if text[begin:end] != wanted:
        print(f"{path} has other figures: deploy/costs.py --write {path}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
