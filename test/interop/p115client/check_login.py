"""Logging in: by cookie, by QR code, and with the client as its own phone."""

import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from threading import Thread
from typing import Any

from p115client import P115Client, check_response
from p115client.exception import P115LoginError
from urllib3_future_request import request as send

from expect import Check, require, require_error
from sandbox import Control, use_modulus


class LoginChecks:
    def __init__(self, control: Control, client: P115Client) -> None:
        self.control = control
        self.client = client
        # Logged in by QR code; used by later checks that are closed to browser logins.
        self.television: P115Client | None = None

    def checks(self) -> Iterator[Check]:
        yield "keys", self.take_keys
        yield "login/cookie", lambda: self.identify(self.client)
        yield "login/wrong-cookie", self.try_wrong_cookie
        yield "login/qr", self.log_in_by_qr
        yield "login/qr-cancelled", self.cancel_qr
        yield "login/own-phone", self.log_in_by_own_phone

    def take_keys(self) -> None:
        m115 = self.control.keys()["m115"]
        use_modulus(int(m115["n"], 16), m115["e"])

    def identify(self, client: P115Client) -> None:
        require(client.login_status(), True)
        require(client.login_check_sso()["data"]["user_id"], int(self.control.account))
        require(check_response(client.user_my())["data"]["user_id"], int(self.control.account))

    def try_wrong_cookie(self) -> None:
        client = P115Client("UID=1_A1_1700000000; CID=00; SEID=11; KID=22")
        require(client.login_status(), False)
        for call in (client.user_my, client.fs_files, client.fs_files_app, client.fs_files_aps):
            require_error(P115LoginError, lambda: check_response(call()))

    def log_in_by_qr(self) -> None:
        answer = check_response(self.wait_for_phone("scan", "confirm"))
        self.television = P115Client(answer["data"]["cookie"])
        require(self.television.login_ssoent, "I1")
        self.identify(self.television)

    def cancel_qr(self) -> None:
        error = require_error(P115LoginError, lambda: self.wait_for_phone("cancel"))
        require("canceled" in str(error), True)

    def wait_for_phone(self, *actions: str) -> dict[str, Any]:
        """The client's whole flow; the phone moves each time the client has begun to wait for it."""
        left = iter(actions)

        def send_and_move(**fields: Any) -> Any:
            if "/get/status/" in fields["url"] and (action := next(left, None)):
                Thread(target=self.control.phone, args=(fields["params"]["uid"], action)).start()
            return send(**fields)

        # It draws the code and tells its progress on the output, where only checks belong.
        with redirect_stdout(sys.stderr):
            return P115Client.login_with_qrcode("tv", request=send_and_move)

    def log_in_by_own_phone(self) -> None:
        other = self.client.login_another_app("wechatmini")
        require(other.login_ssoent, "R1")
        self.identify(other)
