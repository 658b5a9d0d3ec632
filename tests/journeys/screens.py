"""Takes a picture of every screen at both sizes: `python -m tests.journeys.screens FOLDER [NAME…]`."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

from tests.journeys import conftest
from tests.journeys.conftest import Place, Someone
from tests.journeys.gallery import EVERY
from tests.journeys.gallery_cases import CASES
from tests.journeys.gallery_problems import PROBLEMS
from tests.journeys.gallery_transfers import TRANSFERS


def take(goal: Path, names: set[str]) -> int:
    """Start a place, walk through it and write `NAME_desk.png` and `NAME_phone.png`; return how many could not be reached."""
    failed = 0
    with tempfile.TemporaryDirectory(prefix="miaoce-screens-") as folder:
        port = conftest.free_port()
        server = conftest.started(Path(folder), port, recall_minutes=10)
        try:
            conftest.wait_for(f"http://127.0.0.1:{port}", server)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=conftest.CHROMIUM, args=conftest.ARGUMENTS)
                place = Place(f"http://127.0.0.1:{port}", Path(folder))
                for screen in (
                    one for one in (*EVERY, *CASES, *PROBLEMS, *TRANSFERS) if not names or one.name in names
                ):
                    somebody = Someone(browser, place)
                    try:
                        if screen.account:
                            somebody.signs_in(screen.account)
                        screen.reach(somebody)
                        for size, viewport in conftest.SIZES.items():
                            somebody.page.set_viewport_size(viewport)
                            somebody.page.wait_for_timeout(150)
                            somebody.page.screenshot(path=goal / f"{screen.name}_{size}.png")
                    except Error as error:
                        failed += 1
                        sys.stderr.write(f"{screen.name}: {str(error)[:300]}\n")
                    somebody.context.close()
                browser.close()
        finally:
            conftest.ended(server)
    return failed


if __name__ == "__main__":
    where = Path(sys.argv[1])
    where.mkdir(parents=True, exist_ok=True)
    sys.exit(1 if take(where, set(sys.argv[2:])) else 0)
