#!/usr/bin/env python3
"""Opens reports of `emotrain compare` in headless Chromium and uses them.

Usage: check_report.py REPORT.html... [--screenshots DIRECTORY]        (apt-get install chromium chromium-driver python3-selenium)

In each report: nothing is requested and the console stays clean; with each track and problem every chart is drawn and nothing is wider than
a phone; tables sort, their CSV is what they show, and a click saves it; hiding an optimizer takes its line away; zoom and back, by mouse
and keyboard; printing leaves the page as it was.
"""
import argparse
import csv
import io
import math
import pathlib
import shutil
import sys
import tempfile
import time
from base64 import b64decode

from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.chrome.service import Service

PHONE, DESKTOP = (375, 812), (1280, 900)

# What a figure shows: "drawn", the reason it gives for showing nothing, or what is wrong.
DRAWN = """
return [...document.querySelectorAll('figure')].filter((figure) => figure.checkVisibility()).map((figure) => {
  const result = (what) => [figure.id, what];
  const reason = figure.querySelector(':scope > .nothing:not(.all-hidden)');
  if (reason) return result(reason.textContent ? 'nothing, and says why' : 'nothing, and does not say why');
  if (figure.classList.contains('table')) return result(figure.querySelectorAll('tbody tr').length ? 'drawn' : 'no rows');
  if (figure.classList.contains('strip')) {
    const seen = (mark) => mark.getBBox().width > 0 && mark.getAttribute('fill');
    const marks = [...figure.querySelectorAll('svg [data-arm] path')].filter(seen);
    return result(marks.length && figure.querySelector('svg').clientWidth > 200 ? 'drawn' : 'no dots');
  }
  // Grid and axes are a light grey, lines have a color or are nearly black.
  let lines = 0;
  for (const canvas of figure.querySelectorAll('canvas')) {
    const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    for (let i = 0; i < data.length; i += 4) {
      const [least, most] = [Math.min(data[i], data[i + 1], data[i + 2]), Math.max(data[i], data[i + 1], data[i + 2])];
      lines += data[i + 3] > 128 && (most - least > 40 || most < 100);
    }
  }
  return result(lines > 20 ? 'drawn' : `${lines} pixels of lines`);
});
"""
# Opaque pixels near a color in the canvases of a chart.
COLORED = """
const context = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
context.fillStyle = arguments[1];
context.fillRect(0, 0, 1, 1);
const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
let count = 0;
for (const canvas of document.querySelectorAll(`#${arguments[0]} canvas`)) {
  const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  for (let i = 0; i < data.length; i += 4) {
    count += data[i + 3] > 128 && Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 24;
  }
}
return count;
"""


class Page:
    def __init__(self, driver, path, downloads):
        self.driver, self.path, self.downloads = driver, path, downloads
        self.failures = []

    def expect(self, good, what):
        if not good:
            self.failures.append(what)

    def js(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def open(self, size, scheme="light", fragment=""):
        width, height = size
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                    {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        self.driver.get(self.path.resolve().as_uri() + fragment)


def check_figures(page, where):
    for figure, what in page.js(DRAWN):
        page.expect(what in ("drawn", "nothing, and says why"), f"{where}: figure {figure}: {what}")
    width, wanted = page.js("return [document.documentElement.scrollWidth, innerWidth]")
    page.expect(width <= wanted, f"{where}: the page is {width} px wide on a screen of {wanted}")


def check_everywhere(page, size):
    """Each track with each of its problems."""
    page.open(size)
    page.js("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
    for track in range(page.js("return report.tracks.length")):
        page.find(f"#tab-{track}").click()
        page.expect(page.find(f"#tab-{track}").get_attribute("aria-selected") == "true", f"tab {track} is not selected")
        name = page.js("return report.tracks[arguments[0]].name", track)
        page.expect(name in page.find("#track-title").text, f"the heading does not name the track {name}")
        for option in range(len(page.driver.find_elements(By.CSS_SELECTOR, "#problem option"))):
            entry = page.driver.find_elements(By.CSS_SELECTOR, "#problem option")[option]
            problem = entry.text
            entry.click()
            page.js("document.querySelector('#best').open = true")
            time.sleep(0.1)
            page.expect(problem in page.find("#problem-title").text, f"the heading does not name the problem {problem}")
            check_figures(page, f"{size[0]} px, track {name}, problem {problem}")


def table_rows(page, table):
    return page.js("""return [...document.querySelectorAll(`#${arguments[0]} tbody tr`)].map((row) =>
      [...row.querySelectorAll('[data-full]')].map((element) => element.dataset.full))""", table)


def check_csv(page, table):
    rows = list(csv.reader(io.StringIO(page.js("return csvFiles.get(arguments[0])()", table))))
    page.expect(rows[1:] == table_rows(page, table), f"the CSV of {table} is not what the table shows")
    page.expect(all(len(row) == len(rows[0]) for row in rows), f"the rows of the CSV of {table} have different lengths")


def check_sorting(page, table):
    """By its last column of numbers that differ."""
    firsts = page.js("""return [...document.querySelectorAll(`#${arguments[0]} tbody tr`)].map((row) =>
      [...row.children].map((cell) => cell.classList.contains('number') ? cell.querySelector('[data-full]').dataset.full : ''))""", table)
    columns = [c for c in range(len(firsts[0])) if len({row[c] for row in firsts}) > 2]
    if not columns:
        return
    header = lambda: page.driver.find_elements(By.CSS_SELECTOR, f"#{table} thead th")[columns[-1]]
    number = lambda text: math.nan if text == "" else float(text)
    for direction, key in (("ascending", Keys.ENTER), ("descending", Keys.SPACE)):
        header().find_element(By.TAG_NAME, "button").send_keys(key)
        page.expect(header().get_attribute("aria-sort") == direction, f"{table} is not marked as {direction}")
        values = page.js("""return [...document.querySelectorAll(`#${arguments[0]} tbody tr`)].map((row) =>
          row.children[arguments[1]].querySelector('[data-full]').dataset.full)""", table, columns[-1])
        values = [number(text) for text in values]
        finite = [v for v in values if v < math.inf]
        tail = values[len(finite):]
        page.expect(finite == sorted(finite, reverse=direction == "descending"), f"{table} is not sorted, {direction}")
        page.expect(all(math.isnan(v) or v == math.inf for v in tail), f"infinite values of {table} do not come last")
        page.expect(sorted(map(math.isnan, tail)) == list(map(math.isnan, tail)), f"unknown values of {table} do not come last")
    check_csv(page, table)


def check_tables(page):
    page.open(DESKTOP)
    page.find(f"#tab-{page.js('return report.tracks.length - 1')}").click()
    page.js("document.querySelectorAll('main details').forEach((details) => { details.open = true; })")
    for table in page.js("return [...document.querySelectorAll('figure.table')].map((figure) => figure.id)"):
        check_csv(page, table)
        check_sorting(page, table)
    page.find("[data-csv=results-final]").click()
    deadline = time.monotonic() + 10
    while not (saved := list(page.downloads.glob("*.csv"))) and time.monotonic() < deadline:
        time.sleep(0.05)
    page.expect(saved and saved[0].read_text() == page.js("return csvFiles.get('results-final')()"), "the CSV that a click saves")
    for file in saved:
        file.unlink()


def check_hiding(page):
    page.open(DESKTOP)
    arm = page.js("return charts.get('curves').arms[1]")
    color = page.js("return armStyle(arguments[0]).color", arm)
    # Others that share its color would be taken for it.
    page.js("""currentTrack().arms.filter((arm) => arm % colors === arguments[0] % colors && arm !== arguments[0])
      .forEach((arm) => state.hidden.add(arm));
    applyHidden();""", arm)
    before = page.js(COLORED, "curves", color)
    box = page.find(f"#arms input[value='{arm}']")
    box.send_keys(Keys.SPACE)
    page.expect(page.js(COLORED, "curves", color) < before / 10, f"the line of optimizer {arm} is still there: {before} pixels before")
    page.expect(not page.driver.find_elements(By.CSS_SELECTOR, f"#dots-final [data-arm='{arm}']"), "its dots are still there")
    box.click()
    page.expect(page.js(COLORED, "curves", color) == before, "the line does not come back")
    page.find("#arms .tools button:nth-child(2)").click()
    page.expect(page.find("#curves .all-hidden").is_displayed(), "with no optimizer left the chart does not say so")
    page.find("#arms .tools button:nth-child(1)").click()
    page.expect(page.find("#curves .plot").is_displayed(), "the chart does not come back")


def check_zoom(page, chart):
    range_of = lambda: page.js("return charts.get(arguments[0]).graph.xAxisRange()", chart)
    width_of = lambda: range_of()[1] - range_of()[0]
    plot = page.find(f"#{chart} .plot")
    page.js("arguments[0].scrollIntoView({block: 'center'})", plot)
    whole = range_of()
    ActionChains(page.driver).move_to_element(plot).click_and_hold().move_by_offset(60, 3).move_by_offset(60, 0).release().perform()
    page.expect(width_of() < 0.8 * (whole[1] - whole[0]), f"dragging does not zoom {chart}")
    page.expect(page.find(f"#{chart} .reset").is_displayed(), f"zoomed {chart} has no button to go back")
    ActionChains(page.driver).double_click(plot).perform()
    page.expect(range_of() == whole, f"a double click does not reset {chart}")
    page.expect(not page.find(f"#{chart} .reset").is_displayed(), f"{chart} is not zoomed and has a button to go back")
    plot.send_keys("+")
    page.expect(width_of() < 0.8 * (whole[1] - whole[0]), f"the key + does not zoom {chart}")
    plot.send_keys("0")
    page.expect(range_of() == whole, f"the key 0 does not reset {chart}")


def check_switches(page):
    """Loss and scale of the curves."""
    page.open(DESKTOP)
    before = page.js("return charts.get('curves') && charts.get('curves').graph.yAxisRange()")
    for choice in ("log", "loss", "linear"):
        page.find(f"#curves [data-choice={choice}]").click()
        page.expect(page.find(f"#curves [data-choice={choice}]").get_attribute("aria-pressed") == "true", f"{choice} is not chosen")
        check_figures(page, f"curves, {choice}")
    validated = page.driver.find_elements(By.CSS_SELECTOR, "#curves [data-choice=validation]")
    after = page.js("return charts.get('curves').graph.yAxisRange()")
    page.expect(not validated or after != before, "training and validation loss look the same")


def check_printing(page):
    page.open(DESKTOP, "dark")
    state = "return [document.documentElement.className, [...document.querySelectorAll('details')].map((details) => details.open)]"
    before = page.js(state)
    page.js("addEventListener('beforeprint', () => { window.printed = document.querySelectorAll('.plot img').length; })")
    page.expect(b64decode(page.driver.print_page()).startswith(b"%PDF"), "the page does not print")
    page.expect(page.js("return printed"), "charts are not printed")
    page.expect(page.js(state) == before, "printing changes the page")


def check_quiet(page):
    for entry in page.driver.get_log("browser"):
        page.expect(entry["level"] != "SEVERE", f"console: {entry['message']}")
    requests = page.js("return performance.getEntriesByType('resource').map((entry) => entry.name)")
    page.expect(all(name.startswith("file://") for name in requests), f"requests: {requests}")


def take_screenshots(page, directory):
    for size_name, size in (("phone", PHONE), ("desktop", DESKTOP)):
        for scheme in ("light", "dark"):
            page.open(size, scheme)
            height = page.js("return document.documentElement.scrollHeight")
            clip = {"x": 0, "y": 0, "width": size[0], "height": height, "scale": 1}
            shot = page.driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip})
            (directory / f"{page.path.stem}-{size_name}-{scheme}.png").write_bytes(b64decode(shot["data"]))


def check(driver, path, downloads, screenshots):
    page = Page(driver, path, downloads)
    for size in (PHONE, DESKTOP):
        check_everywhere(page, size)
        check_quiet(page)
    steps = [check_tables, check_hiding, check_switches, check_printing]
    for step in steps:
        step(page)
        check_quiet(page)
    page.open(DESKTOP)
    for chart in page.js("return [...charts.keys()]"):
        check_zoom(page, chart)
    check_quiet(page)
    if screenshots:
        take_screenshots(page, screenshots)
    return page.failures


def start(downloads):
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
    driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(downloads)})
    return driver


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reports", nargs="+", type=pathlib.Path, metavar="REPORT.html")
    parser.add_argument("--screenshots", type=pathlib.Path, metavar="DIRECTORY")
    arguments = parser.parse_args()
    if arguments.screenshots:
        arguments.screenshots.mkdir(parents=True, exist_ok=True)
    failed = False
    with tempfile.TemporaryDirectory() as downloads:
        driver = start(pathlib.Path(downloads))
        try:
            for path in arguments.reports:
                failures = check(driver, path, pathlib.Path(downloads), arguments.screenshots)
                print(f"{path}: {'ok' if not failures else f'{len(failures)} failures'}")
                for failure in failures:
                    print(f"  {failure}")
                failed = failed or bool(failures)
        finally:
            driver.quit()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
