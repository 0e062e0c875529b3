"""layoutgen serve, over real sockets: bounded, loopback only, and clear about what is wrong."""

import http.client
import io
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("starlette", reason="the extra 'serve' is not installed")
pytest.importorskip("uvicorn", reason="the extra 'serve' is not installed")

from layoutgen.cli import main
from layoutgen.cli.serve import command_line
from layoutgen.files.folder import MANIFEST
from layoutgen.pdk.copy import copy_pdk
from layoutgen.serve.workers import Workers

pytestmark = pytest.mark.slow
DEFAULT = {"capacity": "20", "footprint": "8x10"}


@pytest.fixture(scope="module")
def kit(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kits") / "my-fab"
    copy_pdk("anodeless-ss", folder)
    return folder


@pytest.fixture(scope="module")
def port(kit):
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        free = found.getsockname()[1]
    command = [sys.executable, "-m", "layoutgen", "serve", "--port", str(free), "--workers", "2"]
    command += ["--pdk", str(kit)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        for _ in range(200):
            try:
                get(free, "/")
                break
            except OSError:
                time.sleep(0.1)
        ask(free, DEFAULT)
        yield free
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)
        with process.stderr as told:
            assert "Traceback" not in told.read()


def get(port, path, host=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    try:
        connection.request("GET", path, headers=({"Host": host} if host else {}) | headers)
        response = connection.getresponse()
        return response.status, response.read(), dict(response.getheaders())
    finally:
        connection.close()


def post(port, path, fields, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    try:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("POST", path, urlencode(fields), headers={**kind, **named})
        response = connection.getresponse()
        return response.status, response.read(), dict(response.getheaders())
    finally:
        connection.close()


def token_of(port):
    return re.search(r'<meta name="token" content="([^"]+)"', get(port, "/")[1].decode())[1]


def ask(port, question):
    status, body, _ = get(port, "/design?" + urlencode(question))
    return status, json.loads(body)


def test_the_answer_is_that_of_the_command_line(port):
    from layoutgen.document import to_document
    from layoutgen.solver.solve import solve
    from layoutgen.spec import build_spec

    status, found = ask(port, DEFAULT)
    document = to_document(solve(build_spec(DEFAULT, {})))
    assert status == 200
    assert found["device"] == {key: value for key, value in document["device"].items() if key != "stack"}
    assert found["web"]["devices_per_m2"] == document["web"]["devices_per_m2"]
    assert found["flags"] == document["flags"]
    assert found["pictures"]["section"].startswith("<svg")


def test_every_changed_input_gets_its_own_answer(port):
    asked = [f"{19.5 + number / 7:.3f}" for number in range(5)]
    answers = [ask(port, DEFAULT | {"capacity": capacity}) for capacity in asked]
    assert all(status == 200 and found["ok"] for status, found in answers)
    rated = [found["device"]["capacity_mah"]["rated"] for _, found in answers]
    assert all(have >= float(want) for have, want in zip(rated, asked, strict=True))


def test_process_values_and_foil_can_be_set(port):
    _, plain = ask(port, DEFAULT)
    status, found = ask(port, DEFAULT | {"set": "stack.substrate.thickness = 15"})
    assert status == 200
    assert found["device"]["package_mm"]["height"] > plain["device"]["package_mm"]["height"]
    _, by_foil = ask(port, DEFAULT | {"foil": "15"})
    assert by_foil["device"] == found["device"]


FULL = DEFAULT | {
    "height": "2.5 mm", "size_limits": "maximum", "cycles": "200", "confidence": "0.95", "foil": "10,25",
    "set": "device.wall = 60\nweb.kerf = 45 um",
}  # fmt: skip


def test_limits_cycles_and_confidence_are_asked(port):
    plain = ask(port, DEFAULT)[1]["device"]
    for more, changed in (
        ({"cycles": "200"}, "layers"),
        ({"confidence": "0.5"}, "layers"),
        ({"size_limits": "maximum"}, "package_mm"),
    ):
        status, found = ask(port, DEFAULT | more)
        assert status == 200
        assert found["device"][changed] != plain[changed], more
    assert ask(port, DEFAULT | {"cycles": "-1"})[0] == ask(port, DEFAULT | {"size_limits": "most"})[0] == 422


def test_every_answer_is_a_command_too(port):
    """Run as it stands, it gives the same device."""
    _, found = ask(port, FULL)
    words = shlex.split(found["command"])
    assert words[:2] == ["layoutgen", "design"]
    done = subprocess.run(
        [sys.executable, "-m", *words, "--dry-run", "--json"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert {key: value for key, value in document["device"].items() if key != "stack"} == found["device"]
    assert ask(port, DEFAULT | {"capacity": "900", "height": "1"})[1]["command"].endswith("--height 1")
    assert command_line({"capacity": "20 mAh; rm -rf /"}) == "layoutgen design --mah '20 mAh; rm -rf /'"


def test_a_kit_of_ones_own_is_read_as_it_is_now(port, kit):
    asked = DEFAULT | {"pdk": "my-fab"}
    _, before = ask(port, asked)
    assert before["device"] == ask(port, DEFAULT)[1]["device"]
    assert str(kit) in before["command"]
    own = kit / "process.toml"
    text = own.read_text() if own.exists() else ""
    own.write_text(
        text + '\n[stack.substrate.thickness]\nvalue = 25.0\nunit = "um"\nkind = "assumed"\nsource = "mine"\n'
    )
    try:
        _, after = ask(port, asked)
    finally:
        own.write_text(text)
    assert after["ok"], after
    assert after["device"]["package_mm"]["height"] > before["device"]["package_mm"]["height"]
    assert b"<option>my-fab</option>" in get(port, "/")[1]
    assert ask(port, DEFAULT | {"pdk": str(kit)})[0] == 422


@pytest.mark.parametrize("which", ["nothing", "same", "shipped"])
def test_folders_that_are_no_kits_are_refused(which, kit, tmp_path, capsys):
    shipped = tmp_path / "anodeless-ss"
    copy_pdk("anodeless-ss", shipped)
    given = {"nothing": [tmp_path / "none"], "same": [kit, kit], "shipped": [shipped]}[which]
    with pytest.raises(SystemExit) as left:
        main(["serve", *(word for path in given for word in ("--pdk", str(path)))])
    assert left.value.code == 2
    assert capsys.readouterr().err.startswith("error:")


def test_the_address_holds_the_questions(port, browser):
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{port}/")
    page.locator("button.download").nth(2).wait_for()
    second = page.locator("[data-design=B]")
    second.locator("input[name=capacity]").fill("14")
    second.locator("select[name=size_limits]").select_option("maximum")
    second.locator("textarea[name=set]").fill("device.wall = 60\nweb.kerf = 45")
    page.wait_for_function("document.querySelector('[data-design=B] .ask code')?.textContent.includes('45')")
    told = second.locator(".ask code").text_content()
    assert shlex.split(told)[2:] == [
        "--mah", "14", "--footprint", "10x12", "--size-limits", "maximum", "--pdk", "anodeless-ss", "--set",
        "device.wall=60", "--set", "web.kerf=45",
    ]  # fmt: skip
    again = context.new_page()
    again.goto(page.url)
    again.wait_for_function("document.querySelector('[data-design=B] .ask code')?.textContent.includes('45')")
    for letter in "ABC":
        assert (
            again.locator(f"[data-design={letter}] .ask code").text_content()
            == page.locator(f"[data-design={letter}] .ask code").text_content()
        )
    again.goto(f"http://127.0.0.1:{port}/#A.capacity=3&A.footprint=6x8&A.pdk=somebodys")
    again.locator("[data-design=A] >> text=there is no process").wait_for()
    context.close()


def test_the_package_is_whole_and_verifies(port, tmp_path):
    status, body, headers = post(port, "/package", DEFAULT | {"token": token_of(port)})
    assert status == 200
    assert "attachment" in headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
    folder = names[0].split("/")[0]
    assert {f"{folder}/design.json", f"{folder}/report.html", f"{folder}/{MANIFEST}"} <= set(names)
    (tmp_path / "package.zip").write_bytes(body)
    command = [sys.executable, "-m", "layoutgen", "verify", str(tmp_path / "package.zip")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "made again, are the same to the byte" in done.stdout


def test_other_sites_order_nothing(port):
    token, question = token_of(port), urlencode(DEFAULT | {"capacity": "21"})
    own = f"http://127.0.0.1:{port}"
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": f"http://127.0.0.1:{port + 1}"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.example"},
    ):
        status, body, _ = get(port, f"/design?{question}", **headers)
        assert (status, json.loads(body)["kind"]) == (403, "foreign"), headers
        assert post(port, "/package", DEFAULT | {"token": token}, **headers)[0] == 403
    assert get(port, f"/package?{question}&token={token}")[0] == 405
    for wrong in (
        {},
        {"token": ""},
        {"token": "x"},
        {"token": token[:-1]},
        {"token": "é"},
        {"token": "x" * 20_000},
    ):
        assert post(port, "/package", DEFAULT | wrong)[0] == 403
    status, _, _ = get(port, f"/design?{question}", **{"Sec-Fetch-Site": "same-origin", "Origin": own})
    assert status == 200
    twice = f"token={token}&token={token}&" + urlencode(DEFAULT)
    assert post(port, "/package", parse_qsl(twice))[0] == 403
    assert post(port, "/package", [*DEFAULT.items(), *DEFAULT.items(), ("token", token)])[0] == 422


def test_packages_hold_up_no_question(port):
    """While packages are made, a question that was not asked yet is answered before them."""
    token, done = token_of(port), []

    def pack(number):
        status = post(port, "/package", {"token": token, "capacity": f"{12 + number}", "footprint": "9x11"})[0]
        done.append(("package", status))

    with ThreadPoolExecutor(4) as pool:
        packages = [pool.submit(pack, number) for number in range(3)]
        time.sleep(0.5)
        done.append(("question", ask(port, {"capacity": "5.4321", "footprint": "8x10"})[0]))
        for package in packages:
            package.result()
    assert done[0] == ("question", 200)
    assert done[1:] == [("package", 200)] * 3


def test_a_connection_that_is_closed_cancels_its_work(port):
    """The worker that made it is free for the next one long before it would have been done."""
    token = token_of(port)
    fields = urlencode({"token": token, "capacity": "33", "footprint": "10x14"}).encode()
    head = f"POST /package HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {len(fields)}\r\n\r\n".encode()
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", port)) as leaving:
            leaving.sendall(head + fields)
            time.sleep(0.2)
    assert post(port, "/package", DEFAULT | {"token": token})[0] == 200


def test_two_hundred_at_once(port):
    """Some the same, some not, some nonsense: each gets an answer, and the server stands."""
    questions = [
        DEFAULT | {"capacity": ["20", f"{10 + number % 40 / 10}", "nonsense", "1e9"][number % 4]}
        for number in range(200)
    ]
    with ThreadPoolExecutor(200) as pool:
        answers = list(pool.map(lambda question: ask(port, question), questions))
    for status, found in answers:
        assert status in {200, 422, 503}
        assert found["ok"] or found["problems"][0]["what"]
    assert sum(status == 200 for status, _ in answers) >= 50
    assert ask(port, DEFAULT)[0] == 200


@pytest.mark.parametrize(
    ("question", "status", "says"),
    [
        ({}, 422, "nothing is asked for"),
        ({"capacity": "20"}, 422, "only the capacity"),
        ({"capacity": "many", "footprint": "8x10"}, 422, "'many'"),
        ({"capacity": "-3", "footprint": "8x10"}, 422, "above zero"),
        ({"capacity": "20", "footprint": "8"}, 422, "footprint"),
        ({"capacity": "20", "footprint": "8x10", "pdk": "../../etc"}, 422, "there is no process"),
        ({"capacity": "20", "footprint": "8x10", "objective": "joy"}, 422, "joy"),
        ({"capacity": "2" * 200, "footprint": "8x10"}, 422, "too long"),
        ({"mah": "20", "footprint": "8x10"}, 422, "no field 'mah'"),
        ({**DEFAULT, "set": "stack.substrate.thicknes = 15"}, 422, "did you mean 'thickness'"),
        ({**DEFAULT, "set": "stack.substrate.thickness = thin"}, 422, "thin"),
        ({**DEFAULT, "set": "nonsense"}, 422, "is not a setting"),
        ({**DEFAULT, "set": "web.kerf=30; web.kerf=40"}, 422, "set twice"),
        ({**DEFAULT, "foil": "11"}, 422, "not a foil of this process"),
        ({"capacity": "900", "footprint": "8x10", "height": "1"}, 200, "does not fit"),
    ],
)
def test_what_is_wrong_is_said(port, question, status, says):
    got, found = ask(port, question)
    assert got == status
    assert not found["ok"]
    # the same question as a command is in the words of the command line, all else is not
    text = json.dumps({key: value for key, value in found.items() if key != "command"})
    assert says in text
    assert "--" not in text
    assert "Traceback" not in text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    question=st.dictionaries(
        st.sampled_from(["capacity", "footprint", "height", "objective", "pdk", "foil", "set", "x"]),
        st.text(max_size=80),
        max_size=5,
    )
)
def test_nonsense_gets_a_clear_answer(port, question):
    status, found = ask(port, question)
    assert status in {200, 422}
    assert found["ok"] or found["problems"][0]["what"]


def test_only_this_machine_by_its_own_name(port):
    assert get(port, "/", host=f"127.0.0.1:{port}")[0] == 200
    assert get(port, "/", host="localhost")[0] == 200
    assert get(port, "/", host="evil.example")[0] == 400
    # an address of this machine too: what listens on all of them answers there
    with socket.socket() as probe:
        probe.settimeout(5)
        assert probe.connect_ex(("127.0.0.2", port)) != 0


def test_unknown_pages_and_headers(port):
    status, body, headers = get(port, "/nothing")
    assert status == 404
    assert json.loads(body)["problems"]
    _, _, headers = get(port, "/")
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "access-control-allow-origin" not in headers


def test_a_taken_port_is_one_clear_message(port):
    done = subprocess.run(
        [sys.executable, "-m", "layoutgen", "serve", "--port", str(port)],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "cannot be used" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_question_that_takes_too_long_is_ended():
    workers = Workers(1, deadline_s=0.001)
    try:
        found = workers.ask("answer", {"capacity": "23", "footprint": "9x11"})
        assert found["kind"] == "limit"
    finally:
        workers.close()


def test_a_worker_that_dies_is_replaced():
    workers = Workers(1, deadline_s=60)
    try:
        os.kill(workers._all[0]._process.pid, signal.SIGKILL)  # no public way to break one
        assert workers.ask("answer", DEFAULT)["kind"] == "limit"
        assert workers.ask("answer", DEFAULT)["ok"]
    finally:
        workers.close()


def test_three_designs_in_a_browser(port, browser, axe):
    context = browser.new_context(bypass_csp=True, viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda one: asked.append(one.url))
    page.goto(f"http://127.0.0.1:{port}/")
    page.locator("button.download").nth(2).wait_for()
    assert said == []
    assert all(url.startswith(f"http://127.0.0.1:{port}/") for url in asked)
    second = page.locator("[data-design=B]")
    before = second.locator("table").text_content()
    second.locator("input[name=capacity]").fill("14")
    page.wait_for_function(
        "(before) => document.querySelector('[data-design=B] table').textContent !== before", arg=before
    )
    assert "14.0" in second.locator("table").text_content()
    second.locator("input[name=footprint]").fill("what")
    second.locator("text=is not a footprint").wait_for()
    assert second.locator("input[name=footprint]").get_attribute("aria-invalid") == "true"
    second.locator("input[name=footprint]").fill("8x10")
    second.locator("textarea[name=set]").fill("stack.substrate.thicknes = 15")
    second.locator("text=did you mean").first.wait_for()
    assert second.locator("textarea[name=set]").get_attribute("aria-invalid") == "true"
    page.evaluate(axe)
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    assert [item["id"] for item in found["violations"] if item["impact"] in {"serious", "critical"}] == []
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((item) => item.id)")
    assert len(ids) == len(set(ids))
    context.close()
