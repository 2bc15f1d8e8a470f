"""What schemathesis has to know of the portal beyond its OpenAPI document."""

import ipaddress
import itertools
import os
import re

import requests
import schemathesis
from schemathesis.specs.openapi.checks import positive_data_acceptance

BASE_URL = os.environ["PORTAL_URL"]
PASSWORD = os.environ["PORTAL_PASSWORD"]
GUESTS = [f"guest-{number}@acme.example" for number in range(int(os.environ["PORTAL_GUESTS"]))]
LOGIN = f"{BASE_URL}/api/v1/portal/auth/login"

# Attempts are limited by client address, which a trusted proxy tells, and some by user: every request
# has another address, and every attempt at a password another user.
guests = itertools.cycle(GUESTS)
keys = itertools.count(1)
addresses = map(str, map(ipaddress.ip_address, itertools.count(int(ipaddress.ip_address("10.0.0.1")))))

# A key is good for one request: which ones were used is in the database.
KEY = re.compile(r'''^(?:[!#-+\x2d-:<-\x5b\x5d-~]{1,255}|"(?:[!#-\x5b\x5d-~]|\x5c["\x5c]){1,255}")$''')

# The refusals of valid requests that no schema can foresee: the sentence, and why.
EXCEPTIONS = {
    "login": {
        "Multiple portal accounts found for this email. Please provide organization context.":
            "which addresses have several accounts is in the database",
    },
    "reset_password": {
        "Invalid or expired reset token": "which tokens were issued is in the database",
        "Password is too common": "the common passwords are a list of thousands",
    },
    "accept_invite": {
        "Invalid or expired invite": "which tokens were issued is in the database",
        "Password is too common": "the common passwords are a list of thousands",
    },
    "update_profile": {
        "Password is too common": "the common passwords are a list of thousands",
    },
    "change_password": {
        "Current password is incorrect": "the present password is a secret",
        "Password is too common": "the common passwords are a list of thousands",
    },
    "create_ticket": {
        "deviceId: must be a device of your organization": "which devices there are is in the database",
        "attachmentIds: must be files that you uploaded and that are not attached yet":
            "which files were uploaded is in the database",
    },
    "create_ticket_comment": {
        "attachmentIds: must be files that you uploaded and that are not attached yet":
            "which files were uploaded is in the database",
    },
    "create_upload": {
        "The file is empty": "how long a body is, is not said of bytes",
        "Files that run when they are opened are not accepted": "what runs is told by its content",
    },
    "add_ticket_participant": {
        "userId: is required": "that one of two fields is needed is said in words",
    },
    "checkout_asset": {
        "expectedReturnAt: must be today or later": "which day it is, is not in the document",
    },
    "checkin_asset": {
        "Asset is not checked out": "which devices are out is in the database",
    },
    "extend_checkout": {
        "expectedReturnAt: must be today or later": "which day it is, is not in the document",
        "Asset is not checked out": "which devices are out is in the database",
    },
}


@schemathesis.hook
def before_call(context, case, **kwargs):
    case.headers["X-Forwarded-For"] = next(addresses)
    if KEY.fullmatch(case.headers.get("Idempotency-Key") or ""):
        case.headers["Idempotency-Key"] = f"key-{next(keys)}"
    if operation_id(case) == "get_branding":
        case.headers["X-Forwarded-Host"] = "support.acme.example"


def sign_in(email):
    answer = requests.post(
        LOGIN,
        json={"email": email, "password": PASSWORD},
        headers={"X-Forwarded-For": next(addresses)},
        timeout=10,
    )
    answer.raise_for_status()
    return answer.json()["accessToken"]


@schemathesis.auth(refresh_interval=None)
class Bearer:
    """Signs in as Ada; as others for the profile, since setting a password ends other sessions."""

    tokens = {}

    def get(self, case, context):
        if operation_id(case) == "logout":
            return sign_in("ada@acme.example")
        # Both are limited by user.
        if operation_id(case) in {"change_password", "create_upload"}:
            return sign_in(next(guests))
        email = "bob@acme.example" if "/profile" in case.path else "ada@acme.example"
        if email not in self.tokens:
            self.tokens[email] = sign_in(email)
        return self.tokens[email]

    def set(self, case, token, context):
        case.headers["Authorization"] = f"Bearer {token}"


def operation_id(case):
    return case.operation.definition.raw["operationId"]


@schemathesis.check
def valid_data_acceptance(ctx, response, case):
    """`positive_data_acceptance`, but for the exceptions."""
    if response.status_code == 400:
        if response.json()["error"] in EXCEPTIONS.get(operation_id(case), {}):
            return None
    return positive_data_acceptance(ctx, response, case)
