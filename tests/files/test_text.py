"""Text of documents: round trips, packing, standard streams, and writes that are whole or not at all."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qnnt.errors import InputError
from qnnt.files.instances import load, save, sha256_of
from qnnt.files.text import compact, pretty, read_json, write_text
from qnnt.fuzzing.tiny import random_instance

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), JSON))
def test_pretty_and_compact_are_read_back(document: dict[str, Any]) -> None:
    assert json.loads(pretty(document)) == document
    assert json.loads(compact(document)) == document


def test_compact_is_sorted_without_spaces() -> None:
    assert compact({"b": [1, 2], "a": {"é": None}}) == '{"a":{"é":null},"b":[1,2]}'


def test_pretty_keeps_lines_short_where_it_can() -> None:
    text = pretty({"x": [[1, 2]] * 40, "y": list(range(60))})
    assert text.endswith("}\n")
    assert max(map(len, text.splitlines()[1:42])) < 20


@pytest.mark.parametrize("name", ["a.json", "a.json.gz"])
def test_files_round_trip(tmp_path: Path, name: str) -> None:
    path = str(tmp_path / name)
    document = {"format": "é", "x": [1, "3/2", None]}
    write_text(path, pretty(document))
    assert read_json(path) == document
    assert (Path(path).read_bytes()[:2] == b"\x1f\x8b") == name.endswith(".gz")


def test_packed_files_do_not_hold_the_time(tmp_path: Path) -> None:
    for name in ("a.gz", "b.gz"):
        write_text(str(tmp_path / name), "text")
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


def test_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}')
    assert read_json(str(path)) == {"a": 1}


def test_standard_input_plain_and_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    for data in (b'{"a": 1}', gzip.compress(b'{"a": 1}')):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        assert read_json("-") == {"a": 1}


def test_standard_output_is_utf_8_whatever_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    write_text("-", '{"name": "é"}\n')
    assert raw.getvalue() == '{"name": "é"}\n'.encode()


def test_file_names_that_are_no_text_stay_json(tmp_path: Path) -> None:
    path = str(tmp_path / "a.json")
    write_text(path, pretty({"instance_file": os.fsdecode(b"caf\xe9.json")}))
    assert os.fsencode(read_json(path)["instance_file"]) == b"caf\xe9.json"


def test_measured_documents_may_hold_floats_and_long_integers(tmp_path: Path) -> None:
    path = str(tmp_path / "a.json")
    write_text(path, f'{{"seconds": 1.5, "loss": {"9" * 100}}}')
    assert read_json(path, measured=True) == {"seconds": 1.5, "loss": int("9" * 100)}
    with pytest.raises(InputError, match=r"\$\.seconds: floats are not exact"):
        read_json(path)
    write_text(path, '{"a": [1, NaN]}')
    with pytest.raises(InputError, match=r"\$\.a\[1\]: NaN is not"):
        read_json(path, measured=True)
    write_text(path, f'{{"loss": {"9" * 10_000}}}')
    with pytest.raises(InputError, match=r"\$\.loss: the number"):
        read_json(path, measured=True)


# --- writing -------------------------------------------------------------------------------------


WRITING: dict[str, tuple[object, str]] = {"opening": (os, "fdopen"), "renaming": (Path, "replace")}


@pytest.mark.parametrize("moment", WRITING)
@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_an_interrupted_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str, failure: BaseException
) -> None:
    path = tmp_path / "result.json"
    path.write_text("old")

    def fail(*arguments: object, **options: object) -> object:
        raise failure

    monkeypatch.setattr(*WRITING[moment], fail)
    expected = InputError if isinstance(failure, OSError) else KeyboardInterrupt
    with pytest.raises(expected):
        write_text(str(path), "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_written_files_have_the_usual_permissions(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    mask = os.umask(0o027)
    try:
        write_text(str(path), "{}")
    finally:
        os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("place", ["none/a.json", ".", "file/a.json"])
def test_places_that_cannot_be_written(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"cannot write: (no such file|is a|not a) .*directory") as caught:
        write_text(str(tmp_path / place), "{}")
    assert str(caught.value).startswith(str(tmp_path / place))


def test_devices_and_links(tmp_path: Path) -> None:
    write_text(os.devnull, "{}")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    target.write_text("old")
    link.symlink_to(target)
    write_text(str(link), "new")
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_names_as_long_as_the_file_system_takes_them(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 250 + ".json")
    write_text(str(path), "{}")
    assert path.read_text() == "{}"


# --- instances -----------------------------------------------------------------------------------


def test_instances_are_saved_and_loaded(tmp_path: Path) -> None:
    for seed in range(20):
        instance = random_instance(random.Random(seed))
        path = str(tmp_path / ("a.json" if seed % 2 else "a.json.gz"))
        save(instance, path)
        again = load(path)
        assert again == instance
        assert again.sha256 == sha256_of(again) == sha256_of(instance)


def test_digest_is_of_the_file_in_canonical_form(tmp_path: Path) -> None:
    first = '{"format": "qnnt-instance/1", "problem": "d-qnnt", "name": "é", "d": 2,'
    rest = ' "network": {"layers": [1, 1]}, "data": {"x": [[0]], "y": [[0]]}}'
    (tmp_path / "a.json").write_text(first + rest, "utf-8")
    (tmp_path / "b.json").write_text("{\n" + rest[1:-1] + ",\n" + first[1:-1].replace("é", "\\u00e9") + "}", "utf-8")
    digests = {load(str(tmp_path / name)).sha256 for name in ("a.json", "b.json")}
    # printf %s '{"d":2,"data":{"x":[[0]],"y":[[0]]},"format":...,"name":"é",...}' | sha256sum
    assert digests == {"b81ff1606610fba6db773f525aa6f63be1c00858e1778e35582348c322cb7d86"}
