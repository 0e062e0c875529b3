"""Kits on top of others: what merges, what is replaced, what is removed, and which file a message names."""

import copy
import hashlib
import json
import re
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutgen.cli import main
from layoutgen.errors import PdkError, TemplateError
from layoutgen.pdk.chain import read_kit, shipped_bases
from layoutgen.pdk.load import load_pdk, shipped_pdks
from layoutgen.pdk.overlay import Statements
from layoutgen.resources import data_folder
from tests.kits import kit

NUMBER = '{ value = 9, unit = "um", kind = "measured", source = "our lot 17" }'


def overlay(folder, text, **others):
    """A kit on top of anodeless-ss; further files by their names."""
    folder.mkdir(parents=True)
    (folder / "pdk.toml").write_text(f'extends = "anodeless-ss"\nname = "{folder.name}"\n{text}')
    for name, content in others.items():
        (folder / f"{name}.toml").write_text(content)
    return str(folder)


def refused(path):
    with pytest.raises((PdkError, TemplateError)) as caught:
        load_pdk(str(path))
    return str(caught.value)


def test_a_number_is_replaced_and_all_else_stays(tmp_path):
    path = overlay(tmp_path / "my-fab", f"[stack.cathode]\nthickness = {NUMBER}\n")
    mine, below = load_pdk(path), kit("anodeless-ss")
    changed = copy.deepcopy(below.content)
    old = changed["stack"]["cathode"]["thickness"]
    new = {"value": 9, "unit": "um", "kind": "measured", "source": "our lot 17", "options": old["options"]}
    changed["stack"]["cathode"]["thickness"] = new
    assert mine.content == changed | {"name": "my-fab"}
    text = json.dumps(mine.content, sort_keys=True, separators=(",", ":"))
    assert mine.sha256 == hashlib.sha256(text.encode()).hexdigest()


def test_a_number_that_is_stated_anew_needs_a_source_of_its_own(tmp_path):
    path = overlay(tmp_path / "a", "[stack.cathode]\nthickness = { value = 9 }\n")
    assert "pdk.toml: stack.cathode.thickness.source: 'source' is missing" in refused(path)
    path = overlay(tmp_path / "b", '[stack.cathode.thickness]\nvalue = 8\nkind = "assumed"\nsource = "what if"\n')
    thickness = load_pdk(path).pdk.stack.cathode.thickness
    assert (thickness.value, thickness.unit, thickness.source) == (8, "um", "what if")
    assert thickness.options == kit("anodeless-ss").pdk.stack.cathode.thickness.options


def test_part_of_a_number_can_be_stated_alone(tmp_path):
    path = overlay(tmp_path / "a", "[stack.anode_collector.thickness]\nhigh = 0.4\n")
    found, below = load_pdk(path).pdk.stack.anode_collector.thickness, kit("anodeless-ss").pdk.stack.anode_collector
    assert found == below.thickness.model_copy(update={"high": 0.4})


def test_a_list_of_tables_with_ids_merges_by_them(tmp_path):
    text = '[[review]]\nid = "CAP-1"\nrationale = "our range"\n[[review]]\nid = "X-1"\ncriterion = "more"\n'
    path = overlay(tmp_path / "a", text + 'rationale = "we want it"\nevidence = "signature"\nsign = "us"\n')
    found, below = load_pdk(path).pdk.review, kit("anodeless-ss").pdk.review
    assert [item.id for item in found] == [*(item.id for item in below), "X-1"]
    by_id = {item.id: item for item in found}
    assert by_id["CAP-1"].rationale == "our range"
    assert by_id["CAP-1"].criterion == next(item.criterion for item in below if item.id == "CAP-1")


def test_what_is_removed_is_gone_and_only_what_is_there_can_be(tmp_path):
    path = overlay(tmp_path / "a", 'remove = ["stack.barrier", "rules.DEN001", "review.SMT-2"]\n')
    found = load_pdk(path).pdk
    assert found.stack.barrier is None
    assert "DEN001" not in found.rules
    assert "SMT-2" not in {item.id for item in found.review}
    path = overlay(tmp_path / "b", 'remove = ["stack.barier", "rules.XXX001.limit"]\n')
    message = refused(path)
    assert "pdk.toml: remove: there is nothing to remove at 'stack.barier'" in message
    assert "did you mean 'stack.barrier'" in message
    assert "nothing to remove at 'rules.XXX001.limit'" in message
    assert "not a list of key paths" in refused(overlay(tmp_path / "c", 'remove = "stack"\n'))
    alone = tmp_path / "d"
    alone.mkdir()
    (alone / "pdk.toml").write_text('name = "d"\nremove = ["stack"]\n')
    assert "pdk.toml: remove: there is nothing to remove from" in refused(alone)


def test_what_is_removed_can_be_stated_anew(tmp_path):
    text = 'remove = ["stack.barrier"]\n[stack.barrier]\nmaterial = "none of ours"\n'
    text += (
        f'thickness = {NUMBER}\ndensity = {{ value = 5, unit = "g/cm3", kind = "measured", source = "our line" }}\n'
    )
    found = load_pdk(overlay(tmp_path / "a", text))
    assert found.content["stack"]["barrier"].keys() == {"material", "thickness", "density"}


def test_a_chain_of_one_s_own_folders(tmp_path):
    overlay(tmp_path / "fab", f"[stack.cathode]\nthickness = {NUMBER}\n")
    (tmp_path / "fab" / "line").mkdir()
    text = 'extends = ".."\nname = "line-2"\n[web]\n'
    text += 'kerf = { value = 50, unit = "um", kind = "measured", source = "our line" }\n'
    (tmp_path / "fab" / "line" / "web.toml").write_text(text)
    found = load_pdk(str(tmp_path / "fab" / "line"))
    assert (found.pdk.stack.cathode.thickness.value, found.pdk.web.kerf.value) == (9, 50)
    assert found.files["stack.cathode.thickness"] == "../pdk.toml"
    assert found.files["web.kerf"] == "web.toml"
    assert found.files["web.width"] == "anodeless-ss/web.toml"
    assert found.files["rules.ENC001.limit"] == "_base/technology/rules.toml"


@pytest.mark.parametrize(
    ("first", "second"), [(".", None), ("../b", "../a"), ("../b", "."), ("../b", "../../there/a")]
)
def test_a_circle_is_refused_by_name(tmp_path, first, second):
    for name, extends in (("a", first), ("b", second)):
        folder = tmp_path / "there" / name
        folder.mkdir(parents=True)
        (folder / "pdk.toml").write_text(f'extends = "{extends}"\nname = "{name}"\n')
    assert "extends: leads back to itself" in refused(tmp_path / "there" / "a")


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        ('"anodles-ss"', "did you mean 'anodeless-ss'"),
        ('"end-terminal"', "did you mean '_base/end-terminal'"),
        ('"./nowhere"', "there is no kit or base './nowhere' to extend"),
        ("3", "3 is not the name of a kit or a base"),
        ('""', "is not the name of a kit or a base"),
        ('"a\\u0000b"', "there is no kit or base"),
        ('["anodeless-ss"]', "is not the name of a kit or a base"),
    ],
)
def test_what_cannot_be_extended_is_refused(tmp_path, stated, told):
    (tmp_path / "pdk.toml").write_text(f'extends = {stated}\nname = "x"\n')
    message = refused(tmp_path)
    assert message.startswith("pdk.toml: extends: ")
    assert told in message


def test_a_kit_on_top_has_its_own_name(tmp_path):
    (tmp_path / "pdk.toml").write_text('extends = "anodeless-ss"\n')
    assert "a name of its own" in refused(tmp_path)


def test_a_base_is_no_kit():
    for name in shipped_bases():
        assert "is a base that kits extend" in refused(name)
    assert not [name for name in shipped_pdks() if name.startswith("_")]


def test_messages_name_the_file_that_states_a_value(tmp_path):
    base = tmp_path / "base"
    overlay(base, "", web='[web]\nregime = "nonsense"\n', rules='[rules.ENC001]\nlimit = "laser.nothing"\n')
    path = tmp_path / "mine"
    path.mkdir()
    (path / "pdk.toml").write_text('extends = "../base"\nname = "mine"\n[laser]\nmargin = { value = -5 }\n')
    message = refused(path)
    assert "../base/web.toml: web.regime: 'nonsense' is not allowed" in message
    assert "pdk.toml: laser.margin.source: 'source' is missing" in message
    (path / "pdk.toml").write_text('extends = "../base"\nname = "mine"\n[web]\nregime = "fields"\n')
    message = refused(path)
    assert "../base/rules.toml: rules.ENC001.limit: there is no value 'laser.nothing'" in message


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[layers.CATHODE]\nnumber = 1\n", "pdk.toml: layers.CATHODE.number: layers SUBSTRATE and CATHODE share"),
        ("[masks.CUT]\nnumber = 1\n", "pdk.toml: masks.CUT.number: masks ABLATE_ANODE and CUT share number 1"),
        ('[masks.CUT]\nexpression = "NOTHING"\n', "pdk.toml: masks.CUT.expression: there is no drawn layer"),
        ('[rules.ENC001]\nof = "NOTHING"\n', "pdk.toml: rules.ENC001.of: "),
        ('[rules.ENC001]\nof = "@positive.lnd"\n', "pdk.toml: rules.ENC001.of: the template end-terminal has no"),
        ('[web]\nstructures = "nothing"\n', "pdk.toml: web.structures: there is no structure 'nothing'"),
        ("[stack]\ncathod = 1\n", "pdk.toml: stack.cathod: unknown key 'cathod'"),
        ("version = 2001-01-01\n", "pdk.toml: version: dates and times are not values"),
        ("stack = 3\n", "pdk.toml: stack: 3 is not a table"),
        ("[device]\nnothing = " + NUMBER + "\n", "pdk.toml: device.nothing: device.nothing is not used"),
    ],
)
def test_every_check_names_the_file(tmp_path, text, told):
    assert told in refused(overlay(tmp_path / "a", text))


def test_explain_names_the_file_that_states_a_value(tmp_path, capsys, monkeypatch):
    overlay(tmp_path / "fab", "", process=f"[stack.cathode]\nthickness = {NUMBER}\n")
    monkeypatch.chdir(tmp_path)
    for path, file in (
        ("stack.cathode.thickness", "process.toml"),
        ("stack.cathode.density", "anodeless-ss/process.toml"),
        ("masks.CUT.expression", "_base/technology/masks.toml"),
        ("name", "pdk.toml"),
    ):
        with pytest.raises(SystemExit):
            main(["pdk", "explain", "./fab", path])
        assert f"  file     {file}\n" in capsys.readouterr().out


def test_a_template_is_looked_for_where_it_is_named(tmp_path, monkeypatch):
    home = data_folder("templates") / "devices" / "end-terminal" / "template.toml"
    overlay(tmp_path / "fab", 'template = "device"\n')
    (tmp_path / "fab" / "device").mkdir()
    (tmp_path / "fab" / "device" / "template.toml").write_text(home.read_text())
    (tmp_path / "what-if").mkdir()
    (tmp_path / "what-if" / "pdk.toml").write_text('extends = "../fab"\nname = "what-if"\n')
    assert load_pdk(str(tmp_path / "what-if")).template == kit("anodeless-ss").template


def test_roles_follow_the_template(tmp_path):
    """Another template with other names of layers: the rules of the technology look at those."""
    home = data_folder("templates") / "devices" / "end-terminal" / "template.toml"
    overlay(tmp_path / "fab", 'template = "device"\nremove = ["layers.TERM_NEG"]\n[layers.END_NEG]\nnumber = 21\n')
    more = 'purpose = "drawn"\nstage = "stack"\ncolour = "#123456"\ndescription = "our - end face"\n'
    file = tmp_path / "fab" / "pdk.toml"
    file.write_text(file.read_text() + more)
    (tmp_path / "fab" / "device").mkdir()
    text = home.read_text().replace('"TERM_NEG"', '"END_NEG"')
    (tmp_path / "fab" / "device" / "template.toml").write_text(text)
    rule = load_pdk(str(tmp_path / "fab")).pdk.rules["SPC004"]
    assert (rule.of, rule.against) == ("END_NEG", "SUBSTRATE")
    assert "END_NEG" in rule.measure


def tables(value, path=()):
    if isinstance(value, dict):
        yield path, value
        for key, item in value.items():
            yield from tables(item, (*path, key))


@pytest.mark.parametrize("name", shipped_pdks())
def test_no_shipped_kit_states_what_its_base_states(name):
    chain = read_kit(data_folder("pdk") / name).chain
    base = dict(tables(read_kit_of(chain[1].folder)))
    for file in sorted((data_folder("pdk") / name).glob("*.toml")):
        for path, table in tables(tomllib.loads(file.read_text())):
            assert base.get(path) != table, f"{file.name}: {'.'.join(path)}"
            assert not [key for key, value in table.items() if base.get(path, {}).get(key, ...) == value]


def read_kit_of(folder):
    """What a base states, merged."""
    stated = Statements()
    for link in reversed(read_kit_chain(folder)):
        content = {}
        for file in sorted(link.glob("*.toml")):
            content |= tomllib.loads(file.read_text())
        content.pop("extends", None)
        stated.add(content, dict.fromkeys(content, "x.toml"))
    return stated.document()[0]


def read_kit_chain(folder):
    found = [folder]
    while below := tomllib.loads((found[-1] / "pdk.toml").read_text()).get("extends"):
        found.append(data_folder("pdk") / below)
    return found


def test_bases_hold_no_numbers_and_kits_little_else():
    """None of the process; what others have shown in public is the same for every kit."""
    folder = data_folder("pdk")
    for file in folder.glob("_base/*/*.toml"):
        if file.name == "published.toml":
            continue
        assert not [path for path, table in tables(tomllib.loads(file.read_text())) if "value" in table], file
    lines = {file: len(file.read_text().splitlines()) for file in folder.glob("**/*.toml")}
    assert sum(lines.values()) < 3200
    for name in shipped_pdks():
        own = [file for file in lines if file.parent == folder / name and file.name != "test.toml"]
        assert sum(lines[file] for file in own) < 220


LEAVES = st.one_of(st.integers(), st.text(max_size=5), st.booleans(), st.lists(st.integers(), max_size=2))
KEYS = st.sampled_from(["a", "b", "c", "unit"])
TABLES = st.recursive(
    st.dictionaries(KEYS, LEAVES, max_size=3),
    lambda inner: st.dictionaries(KEYS, inner | LEAVES, max_size=3),
    max_leaves=12,
)


def merged(base, over):
    """The rule in one line of the guide: tables merge key by key, all else is replaced."""
    both = dict(base)
    for key, value in over.items():
        old = base.get(key)
        both[key] = (
            merged(old, value) if isinstance(value, dict) and isinstance(old, dict) else copy.deepcopy(value)
        )
    return both


def said_by(path, documents):
    """The last document that states a key path, or for a table a part of it."""
    found = None
    for number, document in enumerate(documents):
        node = document
        for part in path:
            node = node.get(part, ...) if isinstance(node, dict) else ...
        found = number if node is not ... else found
    return f"{found}.toml"


@settings(max_examples=200)
@given(st.lists(TABLES, min_size=1, max_size=4))
def test_any_tables_merge_key_by_key_with_the_file_of_each(documents):
    before = copy.deepcopy(documents)
    stated = Statements()
    for number, document in enumerate(documents):
        stated.add(document, dict.fromkeys(document, f"{number}.toml"))
    content, files = stated.document()
    wanted = {}
    for document in documents:
        wanted = merged(wanted, document)
    assert content == wanted
    assert documents == before
    for path, table in tables(content):
        for key, value in table.items():
            if not isinstance(value, dict):
                assert files[".".join((*path, key))] == said_by((*path, key), documents)
    assert {tuple(path.split(".")) for path in files} == {
        (*path, key) for path, table in tables(content) for key in table
    }


def fifth_kit(folder):
    """The kit of the guide."""
    guide = (data_folder("pdk").parent / "docs" / "pdk-guide.md").read_text()
    text = re.search(r"```toml\n# second-line/pdk.toml\n(.*?)```", guide, re.DOTALL)[1]
    folder.mkdir()
    (folder / "pdk.toml").write_text(text)
    return text


def test_the_kit_of_the_guide_is_short_and_designs(tmp_path, monkeypatch, capsys):
    text = fifth_kit(tmp_path / "second-line")
    assert len(text.strip().splitlines()) <= 22
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as caught:
        main(["design", "--mah", "5", "--footprint", "6x6", "--pdk", "./second-line", "--json", "--dry-run", "-q"])
    design = json.loads(capsys.readouterr().out)
    assert caught.value.code == 0
    assert (design["pdk"]["name"], design["pdk"]["disclaimer"]) == ("second-line", "")
    films = {item["film"]: item for item in design["device"]["stack"]}
    assert "barrier" not in films
    assert (films["substrate"]["thickness_um"], films["substrate"]["material"]) == (
        15,
        "coated stainless steel foil",
    )
    assert len(design["web"]["slits_mm"]) == 1
    # the kit is carried whole, each rule once
    assert json.dumps(design).count(load_pdk("second-line").pdk.rules["ENC001"].why) == 1
    assert design["pdk"]["sha256"] == load_pdk("second-line").sha256


def test_an_example_is_made_of_the_kit_s_own_numbers(capsys):
    for name, zone, least in (("anodeless-ss", 10, 85), ("bottom-terminal", 5, 75)):
        with pytest.raises(SystemExit):
            main(["rule", "WID002", "--pdk", name])
        values = f"laser.overlay_between 30 um, laser.heat_affected_zone {zone} um, laser.margin 5 um"
        assert f"  example   {values}: at least {least} um.\n" in capsys.readouterr().out


def test_what_somebody_supposed_can_be_stood_upon(tmp_path, monkeypatch):
    """A copy of a what-if kit names it, and no place on this machine."""
    path = overlay(tmp_path / "a", "")
    (tmp_path / "a" / "pdk.toml").write_text('extends = "what-if/nmc"\nname = "a"\n')
    assert load_pdk(path).pdk.unproven == load_pdk("what-if/nmc").pdk.unproven
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as caught:
        main(["pdk", "copy", "what-if/nmc", "mine"])
    assert caught.value.code == 0
    assert tomllib.loads((tmp_path / "mine" / "pdk.toml").read_text())["extends"] == "what-if/nmc"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('remove = ["stack.cathode"]\n', "pdk.toml: stack.cathode: 'cathode' is missing"),
        ('remove = ["stack"]\n', "pdk.toml: stack: 'stack' is missing"),
        (
            'remove = ["stack.cathode.thickness.source"]\n',
            "pdk.toml: stack.cathode.thickness.source: 'source' is missing",
        ),
        ('template = "nope"\n', "pdk.toml: template: there is no device template 'nope'"),
        ("[stack.cathode]\nthickness = 12\n", "pdk.toml: stack.cathode.thickness: 12 is not a number with unit"),
        ('[laser]\noverlay = "6 um"\n', "pdk.toml: laser.overlay: '6 um' is not a number with unit"),
        ("[laser]\noverlay = [6]\n", "pdk.toml: laser.overlay: [6] is not a number with unit"),
        (
            '[stack.cathode]\nthickness = { unit = "mm" }\n',
            "pdk.toml: stack.cathode.thickness: the unit 'mm' is stated without its value",
        ),
        (
            '[[review]]\nid = "CAP-2"\n[[review]]\nid = "CAP-2"\n',
            "pdk.toml: review: the id 'CAP-2' stands twice",
        ),
        (f"[a{'.b' * 3000}]\n", "pdk.toml: is not TOML: tables or lists are nested too deep"),
    ],
)
def test_a_message_names_the_file_that_is_to_blame(tmp_path, text, message):
    assert message in refused(overlay(tmp_path / "a", text))


def test_a_kit_on_a_base_is_told_what_it_still_lacks_and_where(tmp_path):
    (tmp_path / "pdk.toml").write_text('extends = "_base/end-terminal"\nname = "mine"\nversion = "0.1.0"\n')
    assert {"pdk.toml: stack: 'stack' is missing", "pdk.toml: cell: 'cell' is missing"} <= set(
        refused(tmp_path).splitlines()
    )


def test_an_editor_may_put_a_mark_of_its_encoding_first(tmp_path):
    path = overlay(tmp_path / "a", "")
    file = tmp_path / "a" / "pdk.toml"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert load_pdk(path).pdk.name == "a"
