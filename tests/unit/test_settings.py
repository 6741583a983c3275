"""Every setting is described once; production starts with closed ones alone."""

from pathlib import Path

import pytest

from chainfin.config import Mode, Settings, open_settings, require_closed
from chainfin.domain.service_errors import SettingOpen
from scripts.settings_table import ROOT, as_markdown, described, known

TEST_SETTINGS = {"CHAINFIN_TEST_DATA", "CHAINFIN_REQUIRE_ALL", "CHAINFIN_FUZZ_EXAMPLES"}


def settings(**values):
    return Settings(_env_file=None, home=Path("nowhere"), **values)


def test_settings__of_the_code__are_those_of_the_example():
    assert set(described()) - TEST_SETTINGS == known()


def test_defaults__of_the_example__are_those_of_the_code():
    fields = Settings.model_fields
    stated = {
        name.removeprefix("CHAINFIN_").lower(): default
        for name, (default, _) in described().items()
        if name in known() and default and not default.startswith("(")
    }

    assert stated == {name: str(fields[name].get_default()).lower() for name in stated}


def test_page__is_written_from_both():
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")

    assert page == as_markdown(), "python -m scripts.settings_table > docs/settings.md"


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("metrics_token", "short"),
        ("requests_a_minute", 0),
        ("unknown_requests_a_minute", 0),
        ("log_level", "debug"),
        ("service_keys_file", Path(__file__)),
    ],
)
def test_production__with_an_open_setting__does_not_start(setting, value):
    opened = settings(mode=Mode.PRODUCTION, **{setting: value})

    with pytest.raises(SettingOpen) as refused:
        require_closed(opened)

    assert refused.value.fields["setting"] == f"CHAINFIN_{setting.upper()}"
    assert open_settings(settings(**{setting: value})) == []


def test_production__with_closed_settings__starts():
    require_closed(settings(mode=Mode.PRODUCTION, metrics_token="m" * 24))
