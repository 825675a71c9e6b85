"""Plays a third-party program that knows nothing of panport: p115client, as it is published, on the sandbox.

Prints one JSON line per check and stops with exit code 1 at the first that fails.
"""

import argparse
import json
import sys
import traceback
from collections.abc import Iterator

from p115client import P115Client

from check_download import DownloadChecks
from expect import Check
from check_listing import ListingChecks
from check_login import LoginChecks
from sandbox import Control, lead_all_hosts_to


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sandbox", required=True, help="address of the sandbox, such as http://127.0.0.1:5150")
    parser.add_argument("--account", required=True, help="id of the account, for the truth")
    parser.add_argument("--cookie", required=True, help="UID=…; CID=…; SEID=…; KID=… of a web login")
    parser.add_argument("--directory", action="append", default=[], help="path to list; again for more")
    parser.add_argument("--file", action="append", default=[], help="path to download; again for more")
    parser.add_argument("--big", required=True, help="path of a file of more than 200 MB")
    return parser.parse_args()


def all_checks(arguments: argparse.Namespace) -> Iterator[Check]:
    control = Control(arguments.sandbox, arguments.account)
    client = P115Client(arguments.cookie)
    logins = LoginChecks(control, client)
    yield from logins.checks()
    yield from ListingChecks(control, client).checks(arguments.directory, arguments.file)
    downloads = DownloadChecks(control, client, logins)
    yield from downloads.checks(arguments.directory[0], arguments.file, arguments.big)


def main() -> int:
    arguments = parse_arguments()
    lead_all_hosts_to(arguments.sandbox)
    for name, run in all_checks(arguments):
        failure = None
        try:
            run()
        except Exception as error:
            traceback.print_exc()
            failure = f"{type(error).__name__}: {error}"
        print(json.dumps({"check": name, "ok": failure is None, "detail": failure or ""}), flush=True)
        if failure is not None:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
