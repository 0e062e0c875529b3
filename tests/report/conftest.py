"""Fixtures of the browser tests: pages opened from files."""

import base64

import pytest

from tests.report.designs import made


@pytest.fixture(scope="session")
def page_file(tmp_path_factory):
    """name, findings -> the page as a file."""
    folder = tmp_path_factory.mktemp("pages")

    def file(name, *, findings=False):
        path = folder / f"{name}-{findings}.html"
        if not path.exists():
            path.write_text(made(name, findings=findings).html, encoding="utf-8")
        return path

    return file


class Tab:
    """A page in the browser with everything that it said and asked for."""

    def __init__(self, browser, path, **options):
        options = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"} | options
        self.context = browser.new_context(bypass_csp=True, **options)
        self.page = self.context.new_page()
        self.said, self.asked = [], []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri() if hasattr(path, "as_uri") else path)
        self.page.wait_for_load_state()

    def run(self, script, argument=None):
        return self.page.evaluate(script, argument)

    def until(self, script, argument=None):
        """Wait until a script is true: input arrives in the page when it does, and not when it was sent."""
        self.page.wait_for_function(script, arg=argument)

    def pixels(self):
        """The viewer's canvas as PNG."""
        self.run("() => { viewer.draw(); }")
        return base64.b64decode(self.run("() => viewer.canvas.toDataURL()").split(",")[1])


@pytest.fixture
def tab(browser, page_file):
    opened = []

    def open_tab(name="steel", *, findings=False, **options):
        opened.append(Tab(browser, page_file(name, findings=findings), **options))
        return opened[-1]

    yield open_tab
    for item in opened:
        item.context.close()
