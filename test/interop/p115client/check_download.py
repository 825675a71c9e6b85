"""Download links by every call that has them, and the bytes behind them."""

from collections.abc import Iterator
from errno import EFBIG
from functools import partial
from hashlib import sha1
from typing import Any
from urllib.error import HTTPError

from p115client import P115Client
from p115client.exception import P115LoginError

from expect import Check, require, require_error
from check_login import LoginChecks
from sandbox import Control

USER_AGENT = "Mozilla/5.0 115Browser/35.6.0.3"
# The client's default comes first, which is sealed by m115 and by ec115. The next three are sealed by m115, the
# last is a redirect.
CALLS = ("os_windows", "chrome", "android", "web", "web2")
PIECE_BYTES = 1 << 16


class DownloadChecks:
    def __init__(self, control: Control, client: P115Client, logins: LoginChecks) -> None:
        self.control = control
        self.client = client
        self.logins = logins

    def checks(self, directory: str, files: list[str], big: str) -> Iterator[Check]:
        for path in files:
            for call in CALLS:
                yield f"download-{call}{path}", partial(self.download, call, path)
            yield f"download-plain{path}", partial(self.download_plain, path)
            yield f"download-range{path}", partial(self.download_ranges, path)
            yield f"download-other-agent{path}", partial(self.download_as_another, path)
        yield "download/several", partial(self.link_several, files)
        yield "download/directory", partial(self.link_directory, directory)
        yield "download/too-big", partial(self.link_too_big, big)
        yield "download/browser-login", partial(self.link_for_app, files[0])
        yield "download/unknown-pickcode", self.link_unknown

    def download(self, call: str, path: str) -> None:
        truth = self.control.tree(path)
        # The app's call is closed to browser logins.
        client = self.logins.television if call == "android" else self.client
        assert client is not None
        link = client.download_url(truth["pickcode"], app=call, user_agent=USER_AGENT)
        require((link["name"], link["is_dir"]), (truth["name"], False))
        compare_bytes([client.open(link)], truth)

    def download_plain(self, path: str) -> None:
        truth = self.control.tree(path)
        payload = {"pickcode": truth["pickcode"], "dl": 1}
        answer = self.client.download_url_web(payload, user_agent=USER_AGENT, method="GET")
        require((answer["file_name"], int(answer["file_size"])), (truth["name"], truth["size"]))
        compare_bytes([self.client.open(answer["file_url"], headers=answer["headers"])], truth)
        # This one wants neither cookie nor User-Agent, and works once.
        compare_bytes([self.client.open(answer["file_url_302"])], truth)
        self.require_forbidden(answer["file_url_302"])

    def download_ranges(self, path: str) -> None:
        truth = self.control.tree(path)
        link = self.client.download_url(truth["pickcode"], user_agent=USER_AGENT)
        middle = truth["size"] // 2
        parts = [self.client.open(link, start=f"0-{middle - 1}"), self.client.open(link, start=middle)]
        require([part.status for part in parts], [206, 206])
        compare_bytes(parts, truth)

    def download_as_another(self, path: str) -> None:
        link = self.client.download_url(self.control.tree(path)["pickcode"], user_agent=USER_AGENT)
        self.require_forbidden(str(link))

    def require_forbidden(self, url: str) -> None:
        error = require_error(HTTPError, lambda: self.client.open(url, headers={"user-agent": "curl/8.0"}))
        require(getattr(error, "code", None), 403)

    def link_several(self, paths: list[str]) -> None:
        truths = {int(truth["id"]): truth for truth in map(self.control.tree, paths)}
        pickcodes = [truth["pickcode"] for truth in truths.values()]
        links = self.client.download_urls(pickcodes, user_agent=USER_AGENT)
        require(set(links), set(truths))
        for id, link in links.items():
            require({key: truths[id][key] for key in ("name", "size", "sha1")}.items() <= link.items(), True)

    def link_directory(self, path: str) -> None:
        pickcode = self.control.tree(path)["pickcode"]
        for call in ("os_windows", "chrome", "web"):
            require_error(IsADirectoryError, partial(self.client.download_url, pickcode, app=call))

    def link_too_big(self, path: str) -> None:
        """The web site's calls end at 200 MB, the others do not."""
        truth = self.control.tree(path)
        require(self.client.download_url(truth["pickcode"])["size"], truth["size"])
        error = require_error(OSError, partial(self.client.download_url, truth["pickcode"], app="web"))
        require(getattr(error, "errno", None), EFBIG)
        # It knows no other reason for a page instead of a redirect.
        require_error(FileNotFoundError, partial(self.client.download_url, truth["pickcode"], app="web2"))

    def link_for_app(self, path: str) -> None:
        pickcode = self.control.tree(path)["pickcode"]
        require_error(P115LoginError, partial(self.client.download_url, pickcode, app="android"))

    def link_unknown(self) -> None:
        for call in ("os_windows", "chrome", "web"):
            require_error(FileNotFoundError, partial(self.client.download_url, "a4hhhh", app=call))


def compare_bytes(responses: list[Any], truth: dict[str, Any]) -> None:
    digest = sha1()
    count = 0
    for response in responses:
        while piece := response.read(PIECE_BYTES):
            digest.update(piece)
            count += len(piece)
    require((count, digest.hexdigest().upper()), (truth["size"], truth["sha1"]))
