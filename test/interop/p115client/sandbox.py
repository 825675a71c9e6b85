"""The sandbox's side: its control interface, and how an unmodified p115client comes to talk to it."""

import json
import socket
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import Request, urlopen

from p115cipher import util as cipher


class Control:
    """Knows the truth about one account, and plays its owner's phone."""

    def __init__(self, sandbox_url: str, account: str) -> None:
        self.url = f"{sandbox_url}/__sandbox"
        self.account = account

    def keys(self) -> dict[str, Any]:
        return self._call("keys")

    def tree(self, path: str) -> dict[str, Any]:
        """What stands at a path, with its children."""
        return self._call("tree?" + urlencode({"account": self.account, "path": path, "depth": 1}))

    def phone(self, uid: str, action: str) -> None:
        self._call(f"qr/{quote(uid)}", {"action": action, "account": self.account})

    def _call(self, call: str, fields: dict[str, str] | None = None) -> Any:
        body = None if fields is None else json.dumps(fields).encode()
        with urlopen(Request(f"{self.url}/{call}", data=body)) as reply:
            return json.load(reply)


def lead_all_hosts_to(sandbox_url: str) -> None:
    """Makes every name resolve to the sandbox. TLS and the Host header keep the name that was asked for."""
    address = urlsplit(sandbox_url)
    resolve = socket.getaddrinfo

    def resolve_sandbox(host: object, port: object, *args: Any, **options: Any) -> Any:
        return resolve(address.hostname, address.port, *args, **options)

    socket.getaddrinfo = resolve_sandbox


def use_modulus(modulus: int, exponent: int) -> None:
    """Makes m115 speak to the sandbox's key: p115cipher binds 115's as default arguments of two functions."""
    for function in (cipher.rsa_encrypt_with_pubkey, cipher.rsa_decrypt_with_pubkey):
        block_size, *known = function.__defaults__ or ()
        if block_size != 128 or known != list(cipher.RSA_PUBKEY_PAIR):
            raise LookupError(f"{function.__name__} has other defaults than 115's key")
        function.__defaults__ = (block_size, modulus, exponent)
