import pickle

import pytest

from pipelines.command import NothingDone
from pipelines.errors import BadSettings, NameTaken, StudioError


@pytest.mark.parametrize("kind", [StudioError, BadSettings, NameTaken])
def test_an_error_comes_whole_out_of_another_process(kind):
    error = pickle.loads(pickle.dumps(kind("out_of_range", "steps must be at least 1", "give more", name="steps", value=0)))
    assert type(error) is kind
    assert (error.code, error.sentence) == ("out_of_range", "steps must be at least 1; give more")
    assert error.values == {"name": "steps", "value": 0}
    assert str(error) == "steps must be at least 1"


def test_so_does_one_with_a_shape_of_its_own():
    error = pickle.loads(pickle.dumps(NothingDone("nothing_ingested", "no novel", {"novels": []})))
    assert (error.code, error.manifest) == ("nothing_ingested", {"novels": []})
