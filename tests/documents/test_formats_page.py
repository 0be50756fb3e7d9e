"""The examples of docs/formats.md are what the page says they are."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from qnnt.documents.functions import activation_from, loss_from
from qnnt.documents.reader import instance_from
from qnnt.errors import InputError
from qnnt.evaluation import check_parameters, evaluate
from qnnt.files.instances import load
from qnnt.files.results import load_claim
from qnnt.files.schemas import schema_text

PAGE = (Path(__file__).parent.parent.parent / "docs" / "formats.md").read_text("utf-8")
XOR, SKIP, ACCEPT, RESULT = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)


def test_examples_are_valid() -> None:
    instances, results = (Draft202012Validator(json.loads(schema_text(name))) for name in ("instance", "result"))
    instances.validate(json.loads(XOR))
    instances.validate(json.loads(SKIP))
    results.validate(json.loads(RESULT))
    instance_from(json.loads(SKIP))
    loss_from(json.loads(ACCEPT), "", outputs=2)


def test_the_result_is_one_of_the_first_instance(tmp_path: Path) -> None:
    (tmp_path / "xor.json").write_text(XOR, "utf-8")
    (tmp_path / "result.json").write_text(RESULT, "utf-8")
    instance, claim = load(str(tmp_path / "xor.json")), load_claim(str(tmp_path / "result.json"))
    assert claim.parameters is not None
    check_parameters(instance, claim.parameters)
    assert evaluate(instance, claim.parameters) == claim.loss
    assert claim.instance_sha256 == instance.sha256


def test_the_tables_list_every_type() -> None:
    for read, known in ((activation_from, "Activations"), (lambda v, p: loss_from(v, p, 1), "Losses")):
        section = PAGE.split(f"### {known}\n")[1].split("\n#")[0]
        listed = set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))
        with pytest.raises(InputError) as caught:
            read("", "")
        assert set(str(caught.value).split("known: ")[1].split(", ")) == listed
