from __future__ import annotations

import pytest

from pos.domain.language import spoken_language


@pytest.mark.parametrize(
    ("environment", "system", "language"),
    [
        ({}, None, "zh"),
        ({"LANG": "C.UTF-8"}, None, "zh"),
        ({"LANG": "POSIX"}, None, "zh"),
        ({"LANG": "zh_CN.UTF-8"}, None, "zh"),
        ({"LANG": "en_US.UTF-8"}, None, "en"),
        ({"LANG": "de_DE.UTF-8"}, None, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, None, "zh"),
        ({"LANG": "zh_CN.UTF-8", "POS_LANGUAGE": "en"}, None, "en"),
        ({"LANG": "en_US.UTF-8", "POS_LANGUAGE": "zh"}, None, "zh"),
        ({"LANG": "en_US.UTF-8", "POS_LANGUAGE": "fr"}, None, "en"),
        ({}, "Chinese (Simplified)_China", "zh"),
        ({}, "en_US", "en"),
    ],
)
def test_the_language_of_a_command_line(
    environment: dict[str, str], system: str | None, language: str
) -> None:
    assert spoken_language(environment, system) == language
