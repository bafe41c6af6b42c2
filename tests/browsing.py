"""A browser for the tests, where there is one."""

import contextlib
import importlib.util
import os
import shutil

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next((path for name in BROWSERS if (path := shutil.which(name))), None)
REQUIRED = os.environ.get("RNNCOURSE_REQUIRE_BROWSER")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def reason_against():
    """Return why no browser can be driven, or None."""
    if BROWSER is None:
        return f"no browser on the PATH ({', '.join(BROWSERS)})"
    if importlib.util.find_spec("playwright") is None:
        return "playwright is not installed"
    return None


@contextlib.contextmanager
def browsing():
    """Start a browser, and end it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
        yield browser
        browser.close()
