"""What MediaConvert is asked for is what its service model takes, down to every word."""

from typing import Any

import botocore.session
import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.validate import ParamValidator

from services.media.tests.transcoding.conformance import WORK
from services.media.transcoding.job import settings

MODEL = botocore.session.get_session().get_service_model("mediaconvert")


def wrong_words(value: Any, shape: Shape, at: str = "") -> list[str]:
    """Where a text is none of those that its enumeration has; botocore itself does not look."""
    if isinstance(shape, StructureShape):
        pairs = [(value[name], shape.members[name], f"{at}.{name}") for name in value]
        return [found for pair in pairs for found in wrong_words(*pair)]
    if isinstance(shape, ListShape):
        return [found for each in value for found in wrong_words(each, shape.member, f"{at}[]")]
    if isinstance(shape, MapShape):
        return [found for each in value.values() for found in wrong_words(each, shape.value, at)]
    allowed = getattr(shape, "enum", [])
    return [f"{at}: {value}"] if allowed and value not in allowed else []


def test_every_setting_is_one_of_the_service_models() -> None:
    shape = MODEL.shape_for("JobSettings")
    report = ParamValidator().validate(settings(WORK), shape)
    assert not report.has_errors(), report.generate_report()
    assert wrong_words(settings(WORK), shape) == []


def test_this_test_finds_a_wrong_word() -> None:
    wrong = settings(WORK)
    wrong["OutputGroups"][0]["Outputs"][0]["ContainerSettings"]["Container"] = "MP5"
    assert set(wrong_words(wrong, MODEL.shape_for("JobSettings"))) == {
        ".OutputGroups[].Outputs[].ContainerSettings.Container: MP5"
    }


@pytest.mark.parametrize(("group", "names"), [(0, ["-small", "-large"]), (1, ["-small", "-large"])])
def test_every_output_is_h264_and_aac_within_its_side(group: int, names: list[str]) -> None:
    outputs = settings(WORK)["OutputGroups"][group]["Outputs"]
    assert [each["NameModifier"] for each in outputs] == names
    for each in outputs:
        video = each["VideoDescription"]
        assert video["CodecSettings"]["Codec"] == "H_264"
        assert video["Width"] == video["Height"]
        assert video["ScalingBehavior"] == "FIT_NO_UPSCALE"
        assert each["AudioDescriptions"][0]["CodecSettings"]["Codec"] == "AAC"


def test_everything_goes_below_the_destination() -> None:
    for group in settings(WORK)["OutputGroups"]:
        (found,) = [
            each["Destination"] for each in group["OutputGroupSettings"].values() if isinstance(each, dict)
        ]
        assert found.startswith(WORK.destination)


def test_a_phones_video_is_turned_and_an_mp4_begins_at_once() -> None:
    found = settings(WORK)
    assert found["Inputs"][0]["VideoSelector"] == {"Rotate": "AUTO"}
    for each in found["OutputGroups"][0]["Outputs"]:
        assert each["ContainerSettings"]["Mp4Settings"] == {"MoovPlacement": "PROGRESSIVE_DOWNLOAD"}
