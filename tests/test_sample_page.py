"""The sample app's page in a real browser: headless Chromium, with the front end built anew.

`python -m tests.test_sample_page ADDRESS FILE` takes the picture that the documentation shows.
"""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait
from werkzeug.serving import make_server

SAMPLE = Path(__file__).resolve().parents[1] / "sample_app"
CHROMIUM = shutil.which("chromium")
DRIVER = shutil.which("chromedriver")
NPM = shutil.which("npm")
PATIENCE = 20  # seconds; only a broken page takes so long

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: the page is not tested"),
    pytest.mark.skipif(DRIVER is None, reason="no chromedriver here: the page is not tested"),
    pytest.mark.skipif(NPM is None, reason="no npm here: the page's front end cannot be built"),
]

# The refresh's timer is kept instead of started, so that a test says when the time has come.
HELD_TIMER = """
    const real = { set: window.setTimeout, clear: window.clearTimeout };
    window.held = null;
    window.setTimeout = (call, ms, ...more) =>
        ms === 3000 ? ((window.held = call), -3000) : real.set.call(window, call, ms, ...more);
    window.clearTimeout = (id) => {
        if (id === -3000) window.held = null;
        else real.clear.call(window, id);
    };
"""


@contextmanager
def chromium(profile: str) -> Iterator[Chrome]:
    options = ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for flag in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
        "--window-size=1280,900",
        f"--user-data-dir={profile}",
    ):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    # No proxy is asked for what is on this machine.
    environ = {**os.environ, "no_proxy": "127.0.0.1,localhost"}
    driver = Chrome(options, ChromeService(DRIVER, env=environ))
    try:
        yield driver
    finally:
        driver.quit()


@pytest.fixture(scope="module")
def front_end(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle, made from the lock file in a copy of its folder."""
    folder = tmp_path_factory.mktemp("page") / "frontend"
    shutil.copytree(
        SAMPLE / "frontend", folder, ignore=shutil.ignore_patterns("node_modules", "dist")
    )
    for words in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
        done = subprocess.run([NPM or "npm", *words], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    return folder / "dist"


@pytest.fixture(scope="module")
def address(front_end: Path) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(SAMPLE / "src"))
        create_app = importlib.import_module("porthole.app").create_app
    app = create_app({**os.environ, "PORTHOLE_STATIC": str(front_end)})
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with chromium(str(tmp_path_factory.mktemp("profile"))) as started:
        yield started


@pytest.fixture
def page(driver: Chrome, address: str) -> Iterator[Chrome]:
    """The loaded page with its timer held; afterwards nothing may be in the browser's console."""
    driver.get("about:blank")
    driver.get_log("browser")  # type: ignore[no-untyped-call]
    held = driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": HELD_TIMER})
    driver.get(address)
    WebDriverWait(driver, PATIENCE).until(lambda _: driver.execute_script("return !!window.held"))
    yield driver
    driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", held)
    assert driver.get_log("browser") == []  # type: ignore[no-untyped-call]


def one(driver: Chrome, selector: str) -> WebElement:
    return driver.find_element(By.CSS_SELECTOR, selector)


def fact(driver: Chrome, name: str) -> str:
    return one(driver, f'[data-fact="{name}"]').text


def served(driver: Chrome) -> int:
    return int(fact(driver, "worker.requests_served"))


def let_time_pass(driver: Chrome) -> None:
    driver.execute_script("const call = window.held; window.held = null; call()")


def wait_for_more(driver: Chrome, before: int) -> None:
    WebDriverWait(driver, PATIENCE).until(lambda _: served(driver) > before)


def said(driver: Chrome) -> str:
    return one(driver, "[data-live]").get_attribute("textContent") or ""


def tab_to(driver: Chrome, selector: str) -> WebElement:
    for _ in range(10):
        driver.switch_to.active_element.send_keys(Keys.TAB)
        if driver.switch_to.active_element == one(driver, selector):
            return driver.switch_to.active_element
    raise AssertionError(f"the tab key does not come to {selector}")


def test_the_facts_are_there(page: Chrome) -> None:
    assert fact(page, "user.uid") == str(os.geteuid())
    assert fact(page, "worker.pid") == str(os.getpid())
    assert fact(page, "python.executable") == sys.executable
    assert one(page, '[data-folder="/tmp"] [data-access]').text == "writable"
    promises = page.find_elements(By.CSS_SELECTOR, "[data-promise]")
    assert len(promises) >= 8
    assert f"of {len(promises)} promises kept" in one(page, "[data-summary]").text


def test_the_style_and_the_icon_are_loaded(page: Chrome) -> None:
    assert one(page, ".card").value_of_css_property("border-top-left-radius") == "14px"
    assert page.execute_script("return document.querySelector('header img').naturalWidth") > 0


def test_the_facts_refresh(page: Chrome) -> None:
    before = served(page)
    let_time_pass(page)
    wait_for_more(page, before)
    WebDriverWait(page, PATIENCE).until(
        lambda _: one(page, "[data-updated]").text.startswith("Updated ")
    )
    # and the next time is arranged for
    WebDriverWait(page, PATIENCE).until(lambda _: page.execute_script("return !!window.held"))


def test_the_facts_refresh_by_the_real_clock(driver: Chrome, address: str) -> None:
    driver.get(address)
    wait_for_more(driver, served(driver))


def test_space_pauses_and_resumes(page: Chrome) -> None:
    button = tab_to(page, "[data-toggle]")
    assert button.text == "Pause"
    button.send_keys(Keys.SPACE)
    assert (button.text, said(page)) == ("Resume", "Paused.")
    assert page.execute_script("return window.held") is None
    button.send_keys(Keys.SPACE)
    assert (button.text, said(page)) == ("Pause", "Refreshing again.")
    assert page.execute_script("return !!window.held")


def test_enter_refreshes_also_while_paused(page: Chrome) -> None:
    tab_to(page, "[data-toggle]").send_keys(Keys.SPACE)
    before = served(page)
    tab_to(page, "[data-refresh]").send_keys(Keys.ENTER)
    wait_for_more(page, before)
    WebDriverWait(page, PATIENCE).until(lambda _: said(page) == "Refreshed.")
    assert page.execute_script("return window.held") is None


def test_the_focus_can_be_seen(page: Chrome) -> None:
    button = tab_to(page, "[data-toggle]")
    assert button.value_of_css_property("outline-style") == "solid"
    assert button.value_of_css_property("outline-width") == "3px"


def test_landmarks_and_names(page: Chrome) -> None:
    for selector in ("header", "main", "footer", "nav[aria-label]", "h1"):
        assert len(page.find_elements(By.CSS_SELECTOR, selector)) == 1
    assert one(page, "[data-live]").get_attribute("aria-live") == "polite"
    for section in page.find_elements(By.CSS_SELECTOR, "section"):
        assert section.accessible_name
        assert section.aria_role == "region"


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_no_screen_scrolls_sideways(page: Chrome, width: int) -> None:
    metrics = {"width": width, "height": 740, "deviceScaleFactor": 1, "mobile": width < 700}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        root = "return document.documentElement"
        assert page.execute_script(f"{root}.clientWidth") == width
        assert page.execute_script(f"{root}.scrollWidth") == width
        for button in page.find_elements(By.CSS_SELECTOR, "button"):
            assert button.rect["x"] >= 0
            assert button.rect["x"] + button.rect["width"] <= width
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


CONTRASTS = """
    const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const luminance = (colour) => parse(colour).slice(0, 3).map((part) => part / 255)
        .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
    const ground = (element) => {
        const colour = parse(getComputedStyle(element).backgroundColor);
        return colour[3] === 0 ? ground(element.parentElement)
            : getComputedStyle(element).backgroundColor;
    };
    return [...document.querySelectorAll("h1, h2, p, dt, dd, b, code, span, a, button")]
        .filter((element) => element.textContent.trim() && element.checkVisibility())
        .map((element) => {
            const pair = [luminance(getComputedStyle(element).color), luminance(ground(element))];
            const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
            return [element.outerHTML.slice(0, 60), ratio];
        })
        .filter(([, ratio]) => ratio < 4.5);
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_schemes_can_be_read(page: Chrome, scheme: str) -> None:
    """Text stands out from its ground as WCAG 2 asks for level AA."""
    feature = {"name": "prefers-color-scheme", "value": scheme}
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    try:
        ground = one(page, "body").value_of_css_property("background-color")
        levels = [int(part) for part in ground[ground.index("(") + 1 : -1].split(",")[:3]]
        assert (max(levels) < 64) == (scheme == "dark")
        assert page.execute_script(CONTRASTS) == []
    finally:
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_a_lost_service_is_told_and_found_again(page: Chrome) -> None:
    page.execute_script("window.kept = window.fetch; window.fetch = () => Promise.reject(Error())")
    let_time_pass(page)
    WebDriverWait(page, PATIENCE).until(lambda _: "does not answer" in said(page))
    assert one(page, "[data-updated]").text == "No answer, trying again"
    WebDriverWait(page, PATIENCE).until(lambda _: page.execute_script("return !!window.held"))
    page.execute_script("window.fetch = window.kept")
    let_time_pass(page)
    WebDriverWait(page, PATIENCE).until(lambda _: said(page) == "Connected again.")


def test_a_promise_that_changes_is_told(page: Chrome) -> None:
    # known states to start from, whoever runs this test on whatever machine
    page.execute_script("""
        for (const item of document.querySelectorAll("[data-promise]")) item.dataset.ok = "true";
    """)
    page.execute_script("""
        const kept = window.fetch;
        window.fetch = async (...words) => {
            const facts = await (await kept(...words)).json();
            facts.promises = facts.promises.map((item) => (
                { ...item, ok: item.name === "not-root", why: "<b>so</b>" }));
            facts.folders[0].exists = false;
            return { ok: true, json: async () => facts };
        };
    """)
    let_time_pass(page)
    WebDriverWait(page, PATIENCE).until(lambda _: "broken." in said(page))
    assert "Not root" not in said(page)
    assert "No compiler: broken." in said(page)
    assert one(page, "[data-summary]").text.startswith("1 of ")
    assert {item.text for item in page.find_elements(By.CSS_SELECTOR, "[data-why]")} == {
        "<b>so</b>"
    }
    assert one(page, "[data-folder] [data-access]").text == "not there"


def test_the_page_works_without_scripts(driver: Chrome, address: str) -> None:
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        driver.get(address)
        before = served(driver)
        assert not one(driver, "[data-controls]").is_displayed()
        one(driver, "noscript a").click()
        wait_for_more(driver, before)
    finally:
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_the_browser_writes_as_the_server_does(page: Chrome) -> None:
    """After a refresh every value reads as the server had written it."""
    moving = {"worker.requests_served", "worker.uptime_seconds"}
    names = [
        element.get_attribute("data-fact") or ""
        for element in page.find_elements(By.CSS_SELECTOR, "[data-fact]")
    ]
    before = {name: fact(page, name) for name in names if name not in moving}
    count = served(page)
    let_time_pass(page)
    wait_for_more(page, count)
    assert {name: fact(page, name) for name in before} == before


def take_picture(address: str, file: Path) -> None:
    """Saves the whole page at the width of a laptop, three points to two CSS pixels."""
    with tempfile.TemporaryDirectory() as profile, chromium(profile) as driver:
        driver.get(address)
        wait_for_more(driver, served(driver))
        height = driver.execute_script("return document.documentElement.scrollHeight & ~1")
        metrics = {"width": 1280, "height": height, "deviceScaleFactor": 1.5, "mobile": False}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        file.write_bytes(driver.get_screenshot_as_png())


if __name__ == "__main__":
    take_picture(sys.argv[1], Path(sys.argv[2]))
