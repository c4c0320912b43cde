#!/usr/bin/env python3
"""Opens reports of runs in headless Chromium and uses them.

Usage: check_run.py REPORT.html... [--screenshots DIRECTORY] [--limits]   (apt-get install chromium chromium-driver python3-selenium)

In each report: nothing is requested and the console stays clean; every panel that has data is drawn, others are not there, and nothing is wider
than a phone; numbers in sentences are C's; play, steps, scrubber, keyboard, links and the ribbon move the one cursor; scale, lines, zoom,
what if; pictures and the map are those of the step; printing leaves the page as it was. --limits: it also opens within 2 s, is below 10 MB, and
plays fluently.
"""
import argparse
import math
import pathlib
import random
import struct
import sys
import tempfile
import time
from base64 import b64decode, b64encode

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from check_report import DESKTOP, PHONE, Page, check_quiet, start, take_screenshots
from zone_names import check_zone_names

# Figures with fewer pixels than that are empty.
INK = """
return [...document.querySelectorAll('figure')].filter((figure) => figure.checkVisibility()).flatMap((figure) => {
  const canvas = figure.querySelector('.plot canvas:not(.overlay)');
  if (!canvas) return [];
  const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let ink = 0;
  for (let i = 3; i < data.length; i += 4) ink += data[i] > 60;
  return [[figure.id, ink]];
});
"""
# Columns of the overlay that are opaque from top to bottom, and the step of the panel there.
CURSORS = """
return [...panels, ribbon].map(({overlay, scale}) => {
  const context = overlay.getContext('2d');
  const density = overlay.width / overlay.clientWidth;
  const x = Math.round(scale.x(view.step));
  const {data} = context.getImageData(Math.round((x - 1) * density), 0, Math.ceil(3 * density), overlay.height - 20);
  let opaque = 0;
  for (let i = 3; i < data.length; i += 4) opaque += data[i] > 100;
  return opaque >= (overlay.height - 20) * 0.9;
});
"""


class RunPage(Page):
    def open(self, size, scheme="light", fragment=""):
        """Afresh, though the address differs in the fragment alone."""
        self.driver.get("about:blank")
        super().open(size, scheme, fragment)

    def step(self):
        return self.js("return view.step")

    def key(self, *keys):
        ActionChains(self.driver).send_keys(*keys).perform()

    def is_at(self, step, what):
        found = self.step()
        self.expect(found == step, f"{what}: at step {found} instead of {step}")


def floats(text):
    data = b64decode(text)
    return struct.unpack(f"<{len(data) // 4}f", data)


def words(text):
    data = b64decode(text)
    return struct.unpack(f"<{len(data) // 2}H", data)


def check_figures(page, size):
    page.open(size)
    page.js("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
    for figure, ink in page.js(INK):
        page.expect(ink > 150, f"{size[0]} px: figure {figure} has {ink} pixels of ink")
    # A phone's innerWidth grows with what does not fit.
    width = page.js("return document.documentElement.scrollWidth")
    page.expect(width <= size[0], f"the page is {width} px wide on a screen of {size[0]}")
    names = page.js("return [...document.querySelectorAll('button, input, select')].filter((e) => !e.textContent && !e.ariaLabel && !e.labels?.length).length")
    page.expect(names == 0, f"{names} controls have no name")


def check_panels(page):
    """Those that have data, and no others."""
    run = page.js("return run")
    has = lambda name: name in run["series"] and any(not math.isnan(v) for v in floats(run["series"][name]))
    wanted = {"loss": has("loss"), "scalar": has("scalar"), "ratio": has("ratio") or has("drive"), "shadow-distance": has("shadow_distance"),
              "gradient": has("grad_norm"), "bands": any(name.startswith("eval_band") for name in run.get("evaluations", {}).get("metrics", {}))}
    for name, there in wanted.items():
        found = bool(page.driver.find_elements(By.CSS_SELECTOR, f"#panel-{name}"))
        page.expect(found == there, f"panel {name} is {'there' if found else 'missing'}")
    for name in ("surface", "pictures"):
        page.expect(bool(page.driver.find_elements(By.ID, name)) == bool(run.get(name)), f"{name}: there without data, or missing")


def single(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def three_digits(value):
    """As C's printf has them; what is too large for float32 as such."""
    return {math.inf: "over 3.4e+38", -math.inf: "below -3.4e+38"}.get(value, "%.3g" % (value + 0.0))


def check_numbers(page):
    """Ties and all."""
    draw = random.Random(1)
    values = [0.0, math.inf, -math.inf, math.nan, 1e5, 99950, 999.5, 0.00012345, 1e-5, 100, 1234567, 1.125, 1.135, 0.125, 2.5e-7, 1.0625, 10.25, 1e-45]
    values += [n / 8 for n in range(8, 2000)] + [n / 64 for n in range(500)] + [n * 16 for n in range(60, 700)]
    values += [draw.choice((-1, 1)) * 10 ** draw.uniform(-44, 38) for _ in range(3000)]
    values = [single(value) for value in values]
    texts = page.js("return decode(arguments[0], Float32Array).reduce((all, value) => all.concat(threeDigits(value)), [])", encoded(values))
    wrong = [(v, text, three_digits(v)) for v, text in zip(values, texts) if text != three_digits(v)]
    page.expect(len(texts) == len(values) and not wrong, f"{len(wrong)} numbers are not C's: {wrong[:3]}")


def encoded(values):
    return b64encode(struct.pack(f"<{len(values)}f", *values)).decode()


def check_sentences(page):
    run, last = page.js("return [run, lastStep]")
    sentences = run.get("sentences")
    if not sentences:
        return
    of = words(sentences["of"])
    slots = {name: floats(run["series"].get(slot, slot)) for name, slot in sentences["slots"].items()}
    for step in {run["first_step"], (run["first_step"] + last) // 2, last}:
        place = step - run["first_step"]
        text = sentences["templates"][of[place]]
        for name, values in slots.items():
            text = text.replace("{" + name + "}", three_digits(values[place]))
        page.js("setStep(arguments[0])", step)
        page.expect(page.find("#sentence").text == " ".join(text.split()), f"the sentence of step {step}: {page.find('#sentence').text}")
        page.expect(page.find("#sentence").get_attribute("aria-live") == "polite", "a paused page does not say its sentence")


def check_moves(page):
    page.open(DESKTOP)
    first, last = page.js("return [firstStep, lastStep]")
    page.is_at(last, "a page begins at the end")
    page.find("#back").click()
    page.is_at(last - 1, "step back")
    page.find("#forward").click()
    page.is_at(last, "step forward")
    page.js("document.activeElement.blur()")
    for keys, wanted in ((Keys.HOME, first), (Keys.ARROW_RIGHT, first + 1), (Keys.ARROW_LEFT, first), (Keys.END, last)):
        page.key(keys)
        page.is_at(wanted, f"key {keys!r}")
    ActionChains(page.driver).key_down(Keys.SHIFT).send_keys(Keys.ARROW_LEFT).key_up(Keys.SHIFT).perform()
    page.is_at(last - 10, "shift and arrow")
    page.find("#scrubber").click()
    middle = page.step()
    page.expect(abs(middle - (first + last) / 2) <= (last - first) * 0.02 + 1, f"a click into the middle of the scrubber leads to step {middle}")
    page.find("#scrubber").send_keys(Keys.ARROW_RIGHT)
    page.is_at(middle + 1, "arrow on the scrubber")
    page.expect(all(page.js(CURSORS)), f"the cursor is missing in some panel: {page.js(CURSORS)}")
    number = page.find("#step")
    number.send_keys(Keys.CONTROL + "a" + Keys.NULL, str(first + 5), Keys.ENTER)
    page.is_at(first + 5, "a number that is typed")
    page.expect(page.find("#scrubber").get_attribute("value") == str(first + 5), "the scrubber does not follow")


def check_dragging(page):
    """In a panel, with the mouse."""
    page.open(DESKTOP)
    plot = page.find("#panel-loss .plot")
    ActionChains(page.driver).move_to_element(plot).click().perform()
    at = page.js("return panels[0].scale.step(panels[0].canvas.clientWidth / 2)")
    page.expect(abs(page.step() - at) <= page.js("return 2 / panels[0].scale.perStep + 1"), f"a click into a panel leads to {page.step()}, not {at}")
    before = page.step()
    ActionChains(page.driver).move_to_element(plot).click_and_hold().move_by_offset(80, 0).move_by_offset(40, 0).release().perform()
    page.expect(page.step() > before, "dragging does not move the cursor")


def check_playing(page):
    page.open(DESKTOP)
    first = page.js("return firstStep")
    page.js("document.activeElement.blur(); setStep(firstStep)")
    page.key(Keys.SPACE)
    page.expect(page.find("#sentence").get_attribute("aria-live") == "off", "a playing page says every sentence")
    page.expect(page.find("#play").get_attribute("aria-label") == "Pause", "the button of a playing page does not say Pause")
    deadline = time.monotonic() + 5
    while page.step() <= first + 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    page.expect(page.step() > first + 2, "playing does not move the cursor")
    page.key(Keys.SPACE)
    stopped = page.step()
    time.sleep(0.3)
    page.is_at(stopped, "a paused page goes on")
    page.js("setStep(lastStep - 1)")
    page.find("#play").click()
    time.sleep(1.5)
    page.expect(page.js("return view.step === lastStep && !view.playing"), "playing does not stop at the end")


def updates_in(page, seconds):
    page.js("window.moves = 0; watchers.push(() => { ++window.moves; }); setStep(firstStep); window.moves = 0; play()")
    time.sleep(seconds)
    return page.js("pause(); return window.moves")


def check_little_motion(page):
    page.open(DESKTOP)
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]})
    moves = updates_in(page, 1.2)
    page.expect(moves <= 4, f"{moves} pictures in a second for someone who wants little motion")


def check_link(page):
    first, last = page.js("return [firstStep, lastStep]")
    step = (first + last) // 2 + 1
    page.open(DESKTOP, fragment=f"#step={step}")
    page.is_at(step, "a link to a step")
    page.find("#back").click()
    time.sleep(0.5)
    page.expect(page.js("return location.hash") == f"#step={step - 1}", "the address does not hold the step")
    page.js("location.hash = '#step=999999999'")
    time.sleep(0.2)
    page.is_at(last, "a link to a step that is too late")


def check_ribbon(page):
    page.open(DESKTOP)
    beginnings = page.js("return beginnings")
    if not beginnings:
        return
    page.js("setStep(firstStep)")
    page.find("#next").click()
    later = [step for step in beginnings if step > page.js("return firstStep")]
    page.is_at(later[0] if later else page.js("return firstStep"), "to the next event")
    # The widest, whose box a click finds for sure.
    x, y, begin = page.js("""
      const boxes = ribbon.lanes.flatMap((lane, k) => lane.map((entry) => ({...happeningBox(entry, ribbon.scale), k, entry})));
      const {left, width, k, entry} = boxes.reduce((a, b) => (b.width > a.width ? b : a));
      const found = happeningAt(left + width / 2, k * laneHeight + 8);
      return [left + width / 2, k * laneHeight + 8, Math.max(firstStep, found.from)];""")
    plot = page.find("#ribbon .plot")
    width, height = plot.size["width"], plot.size["height"]
    ActionChains(page.driver).move_to_element_with_offset(plot, int(x - width / 2), int(y - height / 2)).click().perform()
    page.is_at(begin, "a click on the ribbon")


def check_view(page):
    """Scale, lines and zoom."""
    page.open(DESKTOP)
    low = lambda: page.js("return panels[0].values.low")
    for choice, logarithmic in (("log", True), ("linear", False)):
        page.find(f"#panel-loss [data-choice={choice}]").click()
        page.expect(page.js("return panels[0].logarithmic") == logarithmic, f"the scale is not {choice}")
        page.expect(page.find(f"#panel-loss [data-choice={choice}]").get_attribute("aria-pressed") == "true", f"{choice} is not marked")
        page.expect(not logarithmic or low() > 0, "a logarithmic scale begins at 0")
    pixels = lambda: dict(page.js(INK))["panel-loss"]
    before = pixels()
    entries = page.driver.find_elements(By.CSS_SELECTOR, "#panel-loss .legend")
    for entry in entries:
        entry.click()
    page.expect(pixels() < before, "hidden lines are still there")
    for entry in entries:
        entry.click()
    page.expect(pixels() == before, "hidden lines do not come back")
    whole = page.js("return view.to - view.from")
    page.find("#zoom-in").click()
    page.expect(page.js("return view.to - view.from") < whole, "zooming in does not")
    page.js("setStep(firstStep)")
    page.expect(page.js("return view.from <= firstStep"), "what is shown does not follow the cursor")
    page.find("#zoom-all").click()
    page.expect(page.js("return view.to - view.from") == whole, "'All steps' does not show all")


def check_what_if(page):
    page.open(DESKTOP)
    if not page.js("return whatIfs.length"):
        page.expect(not page.driver.find_elements(By.ID, "what-if"), "a switch without another branch")
        return
    box = page.find("#what-if")
    before = page.driver.find_element(By.CSS_SELECTOR, "#panel-scalar canvas").screenshot_as_base64
    if box.tag_name == "input":
        box.click()
    else:
        page.driver.find_elements(By.CSS_SELECTOR, "#what-if option")[1].click()
    other = page.js("return run.what_if[0]")
    page.expect(page.find("#parting").is_displayed() and other["change"] in page.find("#parting").text, "it does not say what differs")
    after = page.driver.find_element(By.CSS_SELECTOR, "#panel-scalar canvas").screenshot_as_base64
    page.expect(before != after, "the other branch is not drawn")
    if other["first_difference"]:
        page.find("#to-parting").click()
        page.is_at(other["first_difference"], "to where the two part")
    name = "loss"
    value = floats(other["series"][name])[page.step() - other["fork_at"] - 1]
    page.expect(page.js("return readout(arguments[0])", value) in page.find("#numbers tbody tr td.other").text, "its loss is not in the table")


def check_pictures(page):
    page.open(DESKTOP)
    pictures = page.js("return run.pictures")
    if not pictures:
        return
    for place in (0, len(pictures["steps"]) // 2, len(pictures["steps"]) - 1):
        page.js("setStep(arguments[0])", pictures["steps"][place])
        page.expect(page.find("#strip-live img").get_attribute("src") == pictures["live"][place], f"pictures of step {pictures['steps'][place]}")
        shadow = pictures["shadow"][place]
        if page.driver.find_elements(By.ID, "strip-shadow"):
            page.expect(page.find("#strip-shadow img").is_displayed() == bool(shadow), "the shadow's picture is there without a shadow, or missing")
    page.expect(page.js("return document.querySelector('#strip-live img').naturalHeight") > 1, "the picture does not load")
    page.js("setStep(firstStep)")
    if pictures["steps"][0] > page.js("return firstStep"):
        page.expect(not page.find("#strip-live img").is_displayed() and page.find("#strip-live .nothing").text, "a picture before the first")


def check_map(page):
    """The dots are where the record has them."""
    page.open(DESKTOP)
    if not page.js("return Boolean(surface)"):
        return
    seen = page.js("""
      setStep(Math.floor((firstStep + lastStep) / 2));
      const [path] = surface.paths;
      const [x, y] = pointAt(path.points, view.step);
      const density = surface.overlay.width / surface.overlay.clientWidth;
      const [left, top] = [surface.scale.x(x), surface.scale.y(y)];
      return [...surface.overlay.getContext('2d').getImageData(Math.round(left * density), Math.round(top * density), 1, 1).data].slice(0, 3);""")
    page.expect(seen == [255, 176, 0], f"the dot on the map is not there: {seen}")


def check_printing(page):
    page.open(DESKTOP, "dark")
    state = "return [document.documentElement.className, document.querySelectorAll('img.print').length, panels[0].width, view.step]"
    before = page.js(state)
    page.js("addEventListener('beforeprint', () => { window.printed = document.querySelectorAll('img.print').length; })")
    page.expect(b64decode(page.driver.print_page()).startswith(b"%PDF"), "the page does not print")
    page.expect(page.js("return printed"), "panels are not printed")
    page.expect(page.js(state) == before, "printing changes the page")


def check_limits(page):
    size = page.path.stat().st_size / 1e6
    ready = math.inf
    # The best of some: others may be using the machine.
    for _ in range(3):
        page.open(DESKTOP)
        ready = min(ready, page.js("return performance.getEntriesByName('ready')[0].startTime / 1000"))
    page.expect(size < 10, f"it has {size:.1f} MB")
    page.expect(ready < 2, f"it opens in {ready:.2f} s")
    moves = updates_in(page, 2)
    page.expect(moves > 16, f"{moves} pictures in 2 s of playing")
    print(f"{page.path}: {size:.1f} MB, opens in {ready:.2f} s, {moves / 2:.0f} pictures/s")


def check(driver, path, screenshots, limits):
    page = RunPage(driver, path, None)
    for size in (PHONE, DESKTOP):
        check_figures(page, size)
        check_quiet(page)
    steps = [check_panels, check_zone_names, check_numbers, check_sentences, check_moves, check_dragging, check_playing, check_little_motion,
             check_link, check_ribbon, check_view, check_what_if, check_pictures, check_map, check_printing, *([check_limits] if limits else [])]
    for step in steps:
        step(page)
        check_quiet(page)
    if screenshots:
        take_screenshots(page, screenshots)
    return page.failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reports", nargs="+", type=pathlib.Path, metavar="REPORT.html")
    parser.add_argument("--screenshots", type=pathlib.Path, metavar="DIRECTORY")
    parser.add_argument("--limits", action="store_true")
    arguments = parser.parse_args()
    if arguments.screenshots:
        arguments.screenshots.mkdir(parents=True, exist_ok=True)
    failed = False
    with tempfile.TemporaryDirectory() as downloads:
        driver = start(pathlib.Path(downloads))
        try:
            for path in arguments.reports:
                failures = check(driver, path, arguments.screenshots, arguments.limits)
                print(f"{path}: {'ok' if not failures else f'{len(failures)} failures'}")
                for failure in failures:
                    print(f"  {failure}")
                failed = failed or bool(failures)
        finally:
            driver.quit()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
