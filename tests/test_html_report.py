"""The report as a page: its text, and what a browser makes of it, headless Chromium.

`python -m tests.test_html_report FILE` takes the picture that the documentation shows.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path

import pytest
from msgspec.structs import replace
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select

from dflint.finding import FileReport, Related, Severity
from dflint.report import FORMATS, Run
from dflint.report.html.prose import inline, paragraphs
from dflint.source import Span, make_source
from tests.report.samples import ALL, DOCKERFILE, PIP, VENV, pip_finding, run_of, span_of
from tests.test_sample_page import CONTRASTS, chromium

browser = [
    pytest.mark.skipif(shutil.which(name) is None, reason=f"no {name} here: the page is not tested")
    for name in ("chromium", "chromedriver")
]

HOSTILE = """\
FROM python AS "a</script><script>alert(1)</script>"
COPY --from=0 </title> <img/src=x/onerror=alert(2)> /
# </style><b>'"&amp;
FROM python
RUN echo '</pre></details>' "<!--"
"""
LONG = (
    "FROM python:3.13 AS build\n"
    + "RUN true\n" * 60
    + f"RUN pip install flask {'x' * 300}\nFROM python\nCOPY --from=build /a /a\n"
)
VOID = {"meta", "link", "input", "img", "br"}


class Outline(HTMLParser):
    """The tags and attributes of a page; raises where tags do not fit each other."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        assert len(attrs) == len(dict(attrs)), attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def outline(page: str) -> Outline:
    found = Outline()
    found.feed(page)
    found.close()
    assert found.open == []
    return found


def html(run: Run) -> str:
    return FORMATS["html"](run)


def hostile_run() -> Run:
    finding = replace(
        pip_finding(HOSTILE, "</pre></details>"),
        name="<i>\"'",
        rule="<b>\"'",
        category='"><script>',
        message="`</code><script>alert(3)</script>`",
        advice="</details></article>",
        fix=None,
        related=(Related(span_of(HOSTILE, "</style>"), "</li>"),),
    )
    return run_of(finding, text=HOSTILE, path="<a>\"'/Dockerfile")


def many() -> Run:
    """Two files with findings, and a clean one."""
    long = pip_finding(LONG)
    style = replace(long, severity=Severity.STYLE, name="other", rule="DF1", category="style")
    return Run(
        (
            FileReport(make_source("app/Dockerfile", DOCKERFILE), ALL),
            FileReport(make_source("clean/Dockerfile", "FROM a AS b\nFROM b\n"), ()),
            FileReport(make_source("long/Dockerfile", LONG), (long, style)),
        ),
        (PIP, VENV),
        "1.2.3",
        False,
        100,
        ("2 of the baseline",),
    )


# --- the text ---


@pytest.mark.parametrize("run", [hostile_run(), many(), run_of()], ids=["hostile", "many", "clean"])
def test_the_page_is_well_formed_and_its_ids_are_unique(run: Run) -> None:
    found = outline(html(run)).found
    ids = [attributes["id"] for _, attributes in found if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in found:
        link = attributes.get("href") or ""
        if link.startswith("#"):
            assert link[1:] in ids
        assert not any(name.startswith("on") or name == "style" for name in attributes)


def test_hostile_text_stays_text() -> None:
    page = outline(html(hostile_run()))
    assert sum(tag == "script" for tag, _ in page.found) == 1
    assert not any(tag == "img" for tag, _ in page.found)
    assert "</code><script>alert(3)</script>" in page.texts


def test_the_page_needs_nothing_else() -> None:
    page = html(many())
    for _, attributes in outline(page).found:
        assert "src" not in attributes
    assert "@import" not in page
    assert "url(" not in page


def test_the_policy_allows_this_script_and_this_style_alone() -> None:
    page = html(many())
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for tag in ("script", "style"):
        (text,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_the_source_stands_there_word_for_word() -> None:
    page = html(run_of(*ALL))
    stretches = re.findall(r'<pre class="src"><code>(.*?)</code></pre>', page, re.DOTALL)
    plain = re.sub(r"<[^>]*>", "", "".join(stretches))
    parser = Outline()
    parser.feed(plain)
    assert "".join(parser.texts) == DOCKERFILE
    numbers = re.findall(r'<span data-n="(\d+)">', page)
    assert numbers == [str(line) for line in range(1, DOCKERFILE.count("\n") + 1)]


def test_exact_words_are_marked() -> None:
    page = html(run_of(pip_finding()))
    assert '<mark class="warning" data-f="0">pip install flask</mark>' in page
    overlap = replace(pip_finding(words="flask"), severity=Severity.ERROR)
    page = html(run_of(pip_finding(), overlap))
    assert '<mark class="warning" data-f="0">pip install </mark>' in page
    assert '<mark class="error" data-f="0 1">flask</mark>' in page


def test_a_finding_stands_below_its_line() -> None:
    page = html(run_of(pip_finding()))
    line = page.index(">pip install flask</mark>")
    finding = page.index('id="f0-0"')
    assert line < finding < page.index("what the application needs")


def test_lines_far_from_findings_are_folded() -> None:
    page = html(run_of(pip_finding(LONG), text=LONG))
    assert "<summary>57 lines</summary>" in page


def test_stages_are_drawn_where_there_are_some() -> None:
    page = html(run_of(pip_finding()))
    assert page.count('role="img" aria-labelledby="f0-g-title f0-g-desc"') == 1
    assert '<a href="#f0-L1">' in page
    one = "FROM python\nRUN pip install flask\n"
    assert "aria-labelledby" not in html(run_of(pip_finding(one), text=one))


def test_the_stage_that_was_built_is_the_product() -> None:
    page = html(replace(run_of(pip_finding()), target="build"))
    assert re.search(r'<g class="stage product"><title>build</title>', page)
    other = html(replace(run_of(pip_finding()), target="nobody"))
    assert re.search(r'<g class="stage product"><title>stage 1</title>', other)


def test_secrets_are_not_on_the_page() -> None:
    text = "FROM python AS a\nENV PASSWORD=hunter22secret\nFROM a\n"
    finding = replace(
        pip_finding(text, "PASSWORD"), fix=None, secret=span_of(text, "hunter22secret")
    )
    page = html(run_of(finding, text=text))
    assert "hunter22" not in page
    assert "••••" in page


def test_clean_files_are_named_and_what_is_left_out_is_told() -> None:
    page = html(many())
    assert "1 file without problems" in page
    assert "clean/Dockerfile" in page
    assert "2 of the baseline left out" in page


def test_empty_runs() -> None:
    assert "No Dockerfiles found" in html(replace(run_of(), reports=()))
    assert "No problems in 1 file" in html(run_of())


def test_many_files_are_closed_but_the_first() -> None:
    report = FileReport(make_source("Dockerfile", DOCKERFILE), (pip_finding(),))
    page = html(replace(run_of(), reports=(report,) * 30))
    assert len(re.findall(r'<details class="file" id="f\d+" open>', page)) == 4
    assert len(re.findall(r'<details class="file" id="f\d+">', page)) == 26


def test_odd_places_do_no_harm() -> None:
    text = "FROM a\r\n\r\nRUN b"
    spans = [Span(0, 0), Span(8, 8), Span(len(text), len(text)), Span(3, 900), Span(6, 10)]
    findings = tuple(replace(pip_finding(), span=span, fix=None) for span in spans)
    page = outline(html(run_of(*findings, text=text)))
    assert sum(tag == "article" for tag, _ in page.found) == len(spans)


def test_the_little_markdown() -> None:
    assert inline("a `b <c>`\n d `e") == "a <code>b &lt;c&gt;</code> d `e"
    assert paragraphs("a\nb\n\n- c\n  d\n- `e`\n\n    f\n\n```sh\ng\n```") == (
        "<p>a b</p><ul><li>c d</li><li><code>e</code></li></ul>"
        "<pre><code>f</code></pre><pre><code>g</code></pre>"
    )


# --- in a browser ---


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with chromium(str(tmp_path_factory.mktemp("profile"))) as started:
        yield started


@pytest.fixture
def page(driver: Chrome, tmp_path: Path) -> Iterator[Chrome]:
    """The page of `many`; afterwards nothing may be in the console, no breach of the policy."""
    show(driver, many(), tmp_path)
    driver.execute_script("localStorage.clear()")
    yield driver
    assert driver.get_log("browser") == []  # type: ignore[no-untyped-call]


def show(driver: Chrome, run: Run, folder: Path) -> None:
    file = folder / "report.html"
    file.write_text(html(run), encoding="utf-8")
    driver.get("about:blank")
    driver.get_log("browser")  # type: ignore[no-untyped-call]
    driver.get(file.as_uri())


def one(driver: Chrome, selector: str) -> WebElement:
    return driver.find_element(By.CSS_SELECTOR, selector)


def shown(driver: Chrome) -> list[str]:
    """The ids of the findings that are to be seen."""
    found = driver.find_elements(By.CSS_SELECTOR, ".finding")
    return [each.get_attribute("id") or "" for each in found if each.is_displayed()]


def focused(driver: Chrome) -> str:
    return driver.switch_to.active_element.get_attribute("id") or ""


def press(driver: Chrome, *keys: str) -> None:
    for key in keys:
        driver.switch_to.active_element.send_keys(key)


@contextmanager
def screen(driver: Chrome, width: int, scheme: str = "light") -> Iterator[None]:
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 700}
    feature = {"name": "prefers-color-scheme", "value": scheme}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    try:
        yield
    finally:
        driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


ids = ["f0-0", "f0-1", "f0-2", "f0-3", "f1-0", "f1-1"]


class TestInABrowser:
    pytestmark = browser

    def test_all_is_shown_at_first(self, page: Chrome) -> None:
        assert sorted(shown(page)) == ids
        assert one(page, "[data-place]").text == "6 shown"

    def test_severities_filter(self, page: Chrome) -> None:
        button = one(page, "[data-severity=warning]")
        assert button.text == "warning 2"
        button.click()
        assert button.get_attribute("aria-pressed") == "false"
        assert sorted(shown(page)) == ["f0-1", "f0-2", "f0-3", "f1-1"]
        assert one(page, "[data-place]").text == "4 shown"
        button.click()
        assert sorted(shown(page)) == ids

    def test_category_and_file_filter(self, page: Chrome) -> None:
        Select(one(page, "select[data-category]")).select_by_value("size")
        assert sorted(shown(page)) == ["f0-0", "f0-1", "f1-0"]
        Select(one(page, "select[data-file]")).select_by_visible_text("long/Dockerfile")
        assert shown(page) == ["f1-0"]
        assert not one(page, "#f0").is_displayed()

    def test_marks_of_hidden_findings_go(self, page: Chrome) -> None:
        mark = one(page, "#f0 mark.warning")
        line = "text-decoration-line"
        assert mark.value_of_css_property(line) == "underline"
        one(page, "[data-severity=warning]").click()
        assert mark.value_of_css_property(line) == "none"

    def test_words_of_two_findings_have_the_colour_of_what_is_shown(self, page: Chrome) -> None:
        mark = one(page, '#f1 mark[data-f="0 1"]')
        assert mark.get_attribute("class") == "warning"
        one(page, "[data-severity=warning]").click()
        assert mark.get_attribute("class") == "style"
        one(page, "[data-severity=warning]").click()
        assert mark.get_attribute("class") == "warning"

    def test_search_and_reset(self, page: Chrome) -> None:
        press(page, "/")
        press(page, "recommended")
        page.execute_async_script("setTimeout(arguments[0], 50)")
        assert shown(page) == ["f0-1"]
        press(page, "zzz")
        page.execute_async_script("setTimeout(arguments[0], 50)")
        assert shown(page) == []
        one(page, "[data-reset]").click()
        assert sorted(shown(page)) == ids
        press(page, "long/", Keys.ESCAPE)
        assert sorted(shown(page)) == ids

    def test_keys_go_from_finding_to_finding(self, page: Chrome) -> None:
        press(page, "j")
        first = focused(page)
        press(page, "n")
        second = focused(page)
        assert first != second
        assert one(page, "[data-place]").text == "2 of 6"
        assert one(page, f"#{second}").get_attribute("class") == (
            f"finding {one(page, f'#{second} .sev').text} current"
        )
        press(page, "k")
        assert focused(page) == first
        press(page, "p")
        assert focused(page) == first
        press(page, "o")
        assert one(page, f"#{first} .advice").is_displayed()

    def test_keys_skip_what_is_hidden_and_open_what_is_closed(self, page: Chrome) -> None:
        page.execute_script("document.getElementById('f1').open = false")
        one(page, "[data-severity=warning]").click()
        page.execute_script("document.getElementById('f1').open = false")
        press(page, *"jjjjjj")
        assert focused(page) == "f1-1"
        assert one(page, "#f1-1").is_displayed()

    def test_the_focus_can_be_seen(self, page: Chrome) -> None:
        press(page, "j")
        box = one(page, ".finding.current .box")
        assert box.value_of_css_property("outline-style") == "solid"
        press(page, Keys.TAB)
        active = page.switch_to.active_element
        assert active.value_of_css_property("outline-style") != "none"

    def test_why_comes_to_the_finding(self, page: Chrome) -> None:
        one(page, "#f0-0 summary").click()
        page.execute_async_script("setTimeout(arguments[0], 50)")
        assert "There is no next time." in one(page, "#f0-0").text
        assert "pip install --no-cache-dir flask" in one(page, "#f0-0 ins").text

    def test_a_stage_leads_to_its_line(self, page: Chrome) -> None:
        page.execute_script("document.getElementById('f1').open = true")
        link = one(page, '#f1 a[href="#f1-L1"]')
        link.send_keys(Keys.ENTER)
        assert page.current_url.endswith("#f1-L1")
        assert one(page, "#f1 .fold").get_attribute("open") is not None

    def test_a_rule_s_link_opens_the_rule(self, page: Chrome) -> None:
        one(page, "#f0-0 .rule").click()
        page.execute_async_script("setTimeout(arguments[0], 50)")
        assert one(page, "#rule-DF201 .reason").is_displayed()

    def test_controls_have_names(self, page: Chrome) -> None:
        for each in page.find_elements(By.CSS_SELECTOR, "button, select, input, nav, [role]"):
            assert each.accessible_name or not each.is_displayed(), each.get_attribute("outerHTML")
        assert len(page.find_elements(By.CSS_SELECTOR, "main, h1")) == 2

    @pytest.mark.parametrize("width", [320, 390, 768, 1280])
    def test_no_screen_scrolls_sideways(self, page: Chrome, width: int) -> None:
        with screen(page, width):
            for script in (
                "",
                "for (const each of document.querySelectorAll('details')) each.open = true",
            ):
                page.execute_script(script)
                root = "return document.documentElement"
                assert page.execute_script(f"{root}.scrollWidth") == width
                for each in page.find_elements(By.CSS_SELECTOR, ".box"):
                    assert each.rect["x"] + each.rect["width"] <= width

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_both_schemes_can_be_read(self, page: Chrome, scheme: str) -> None:
        with screen(page, 1280, scheme):
            press(page, "j")
            page.execute_script(
                "for (const each of document.querySelectorAll('details')) each.open = true"
            )
            assert dark(page) == (scheme == "dark")
            # `CONTRASTS` reads rgb(); a browser writes mixed colours in another way.
            assert page.execute_script(TO_RGB + CONTRASTS) == []

    def test_the_button_changes_the_scheme(self, page: Chrome) -> None:
        with screen(page, 1280):
            assert not dark(page)
            one(page, "[data-theme-button]").click()
            assert dark(page)
            page.refresh()
            assert dark(page)
            one(page, "[data-theme-button]").click()
            assert not dark(page)

    def test_all_is_opened_for_print(self, page: Chrome) -> None:
        closed = "return document.querySelectorAll('details:not([open])').length"
        before = page.execute_script(closed)
        page.execute_script("dispatchEvent(new Event('beforeprint'))")
        assert page.execute_script(closed) == 0
        page.execute_script("dispatchEvent(new Event('afterprint'))")
        assert page.execute_script(closed) == before > 0

    def test_hostile_text_does_nothing(self, driver: Chrome, tmp_path: Path) -> None:
        show(driver, hostile_run(), tmp_path)
        assert len(driver.find_elements(By.TAG_NAME, "script")) == 1
        assert one(driver, ".message").text == "</code><script>alert(3)</script>"
        assert one(driver, "h2").text == "<a>\"'/Dockerfile"
        press(driver, "j", "o")
        assert driver.get_log("browser") == []  # type: ignore[no-untyped-call]

    def test_the_page_works_without_scripts(self, driver: Chrome, tmp_path: Path) -> None:
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        try:
            show(driver, many(), tmp_path)
            assert sorted(shown(driver)) == ids
            assert not one(driver, ".filters").is_displayed()
            assert not one(driver, "[data-theme-button]").is_displayed()
            one(driver, "#f0-0 summary").click()
            assert one(driver, "#f0-0 .advice").is_displayed()
        finally:
            driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


TO_RGB = """
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const styles = window.getComputedStyle;
    const plain = (colour) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
        return a < 255 ? `rgba(${r}, ${g}, ${b}, 0)` : `rgb(${r}, ${g}, ${b})`;
    };
    const getComputedStyle = (element) => {
        const found = styles(element);
        return { color: plain(found.color), backgroundColor: plain(found.backgroundColor) };
    };
"""


def dark(driver: Chrome) -> bool:
    colour = one(driver, "body").value_of_css_property("background-color")
    return max(int(part) for part in re.findall(r"\d+", colour)[:3]) < 64


def take_picture(file: Path) -> None:
    """Saves the page of a fixture at the width of a laptop, with one finding opened."""
    from datetime import date

    from dflint.lint import lint, make_linter
    from dflint.report import RuleInfo

    root = Path(__file__).parent
    linter = make_linter(today=date(2026, 1, 1))
    found = lint(root / "fixtures/a/Dockerfile", linter)
    source = replace(found.source, path="shop/Dockerfile")
    rules = tuple(
        RuleInfo(each.id, each.name, each.summary, "", each.severity, each.category, (), None)
        for each in linter.rules
    )
    run = Run((FileReport(source, found.findings),), rules, "", False, 100)
    with tempfile.TemporaryDirectory() as folder, chromium(folder) as driver:
        show(driver, run, Path(folder))
        one(driver, "#f0-1 summary").click()
        metrics = {"width": 1280, "height": 900, "deviceScaleFactor": 1.5, "mobile": False}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        file.write_bytes(driver.get_screenshot_as_png())


if __name__ == "__main__":
    take_picture(Path(sys.argv[1]))
