"""Listing directories by every kind of call, and finding entries by id, path, name and hash."""

from collections.abc import Iterator
from functools import partial
from itertools import cycle
from typing import Any

from p115client import P115Client
from p115client.tool import (
    fs_files_iter,
    get_ancestors,
    get_attr,
    get_id_to_name,
    get_id_to_path,
    get_id_to_sha1,
    get_info,
    normalize_attr,
    search_iter,
)

from expect import Check, require, require_error, summarize, summarize_truth
from sandbox import Control

# The last is the older call of the apps.
LISTINGS = ("web", "android", "aps", "android-old")
# Small, so that few entries make many pages.
PAGE_SIZE = 16
MISSING_ID = 2999999999999999999
# The client's own rotation holds two proxies more, f.115.com and n.115.com, of which nothing else is known.
WEB_HOSTS = (
    "https://webapi.115.com",
    "http://web.api.115.com",
    "https://115cdn.com/webapi",
    "https://115vod.com/webapi",
)


class ListingChecks:
    def __init__(self, control: Control, client: P115Client) -> None:
        self.control = control
        self.client = client
        self.web: dict[str, Any] = {"base_url": cycle(WEB_HOSTS).__next__}

    def checks(self, directories: list[str], files: list[str]) -> Iterator[Check]:
        for path in directories:
            for listing in LISTINGS:
                yield f"list-{listing}{path}", partial(self.compare_listing, listing, path)
            yield f"info{path}", partial(self.describe_directory, path)
        yield "list/missing-directory", self.list_missing
        for path in files:
            yield f"info{path}", partial(self.describe_file, path)
            yield f"search{path}", partial(self.search, path)
        yield "info/missing", self.describe_missing

    def compare_listing(self, listing: str, path: str) -> None:
        directory = self.control.tree(path)
        pages = list(self.pages(listing, int(directory["id"])))
        full, rest = divmod(len(directory["children"]), PAGE_SIZE)
        sizes = [PAGE_SIZE] * full + ([rest] if rest > 0 or full == 0 else [])
        require([len(page["data"]) for page in pages], sizes)
        entries = [normalize_attr(entry) for page in pages for entry in page["data"]]
        require({entry["parent_id"] for entry in entries} <= {int(directory["id"])}, True)
        require(sorted(map(summarize, entries)), sorted(map(summarize_truth, directory["children"])))

    def pages(self, listing: str, id: int) -> Iterator[dict[str, Any]]:
        app = listing.removesuffix("-old")
        options = self.web if app == "web" else {}
        if app != listing:
            options = {"fs_files": self.client.fs_files_app2}
        return fs_files_iter(self.client, id, page_size=PAGE_SIZE, app=app, **options)

    def list_missing(self) -> None:
        for listing in LISTINGS:
            require_error(NotADirectoryError, lambda: next(self.pages(listing, MISSING_ID)))

    def describe_directory(self, path: str) -> None:
        truth = self.describe(path)
        names = [ancestor["name"] for ancestor in get_ancestors(self.client, int(truth["id"]), **self.web)]
        require("/".join(names), path)

    def describe_file(self, path: str) -> None:
        truth = self.describe(path)
        require(get_info(self.client, truth["id"], **self.web)["sha1"], truth["sha1"])

    def describe(self, path: str) -> dict[str, Any]:
        """Asks every call that knows the entry by its id or by its path."""
        truth = self.control.tree(path)
        id = int(truth["id"])
        for is_brief in (False, True):
            require(summarize(get_attr(self.client, id, skim=is_brief, **self.web)), summarize_truth(truth))
        require(get_info(self.client, id, **self.web)["file_name"], truth["name"])
        require(self.client.to_id(truth["pickcode"]), id)
        # By the lookup call, and by listing one directory after the other.
        for walks in (False, True):
            found = get_id_to_path(self.client, path, dont_use_getid=walks, **self.web)
            require(found, id)
        return truth

    def describe_missing(self) -> None:
        require_error(FileNotFoundError, lambda: get_attr(self.client, MISSING_ID, **self.web))
        lookup = partial(get_id_to_path, self.client, "/no/such", **self.web)
        require_error(FileNotFoundError, lookup)

    def search(self, path: str) -> None:
        truth = self.control.tree(path)
        found = search_iter(self.client, truth["name"], page_size=1, **self.web)
        require(list(map(summarize, found)), [summarize_truth(truth)])
        require(list(search_iter(self.client, f"not {truth['name']}", **self.web)), [])
        require(get_id_to_name(self.client, truth["name"], **self.web), int(truth["id"]))
        require(get_id_to_sha1(self.client, truth["sha1"], **self.web), int(truth["id"]))
