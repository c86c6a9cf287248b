import pytest

from pipelines.status import ALIVE, ENDED, INTERRUPTED
from studio import run_cards
from studio.words import LANGUAGES, load_words

FACTS = {
    "run": "20261121-120000-story",
    "title": "story",
    "phase": "training",
    "wishes": [],
    "ending": None,
    "stalled": False,
    "step": 120,
    "total_steps": None,
    "progress": 0.25,
    "waiting_for": None,
    "bits_per_character": 7.44,
    "bits_per_character_is_estimate": True,
    "training_bits_per_character": 5.4,
    "best_step": 36,
    "tokens_per_second": 7044.2,
    "seconds": 3725.0,
    "seconds_left": 29.0,
    "parameters": 940_000,
    "preset": "pocket",
    "device": "CPU",
    "bundle": None,
    "error": None,
    "exit": None,
}
ENGLISH, CHINESE = load_words("en"), load_words("zh")


def card(words=ENGLISH, **changes):
    return str(run_cards.status_card(words, FACTS | changes, {"20261121-110000-other": "other"}))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("phase", [*ALIVE, *ENDED, INTERRUPTED])
def test_every_phase_has_a_badge_with_a_word(language, phase):
    words = load_words(language)
    assert f">{words(f'training.phase.{phase}')}<" in card(words, phase=phase)


@pytest.mark.parametrize(
    ("changes", "seen"),
    [
        ({"wishes": ["stop"]}, "stopping"),
        ({"wishes": ["pause"]}, "pausing"),
        ({"wishes": ["pause", "stop"]}, "stopping"),
        ({"ending": "stopped"}, "stopping"),
        ({"ending": "paused"}, "pausing"),
        ({"ending": "done"}, "finishing"),
        ({"stalled": True}, "stalled"),
        ({"phase": "paused", "ending": "paused"}, "paused"),
        ({"phase": "paused", "wishes": ["stop"]}, "stopping"),
        ({"phase": "interrupted", "wishes": ["pause"]}, "interrupted"),
    ],
)
def test_a_wish_shows_at_once_and_an_end_is_believed(changes, seen):
    assert run_cards.state(FACTS | changes) == seen


@pytest.mark.parametrize(
    ("phase", "stop", "pause", "resume"),
    [
        ("queued", True, True, False),
        ("training", True, True, False),
        ("paused", True, False, True),
        ("interrupted", True, False, True),
        ("failed", True, False, True),
        ("stopped", False, False, True),
        ("done", False, False, True),
    ],
)
def test_a_button_is_there_when_it_applies(phase, stop, pause, resume):
    facts = FACTS | {"phase": phase}
    assert (run_cards.can_stop(facts), run_cards.can_pause(facts), run_cards.can_resume(facts)) == (stop, pause, resume)


def test_an_estimate_says_so_and_the_final_measure_does_not():
    assert "7.440 bits (estimate)" in card()
    assert "estimate)" not in card(bits_per_character_is_estimate=False)


def test_every_figure_says_what_it_is_when_pointed_at():
    assert card().count(" title=") == len(run_cards.figures(ENGLISH, FACTS))


def test_what_was_not_measured_is_not_shown():
    new = {"bits_per_character": None, "training_bits_per_character": None, "best_step": None, "tokens_per_second": None}
    assert [term for term, *_ in run_cards.figures(ENGLISH, FACTS | new | {"seconds": None, "seconds_left": None})] == [
        "Step",
        "Network",
        "Size",
        "Device",
    ]


@pytest.mark.parametrize(
    ("why", "sentence"),
    [
        ("behind 20261121-110000-other", "behind “other”"),
        ("behind 20200101-000000-gone", "behind “20200101-000000-gone”"),
        ("the device cpu is busy", "the device is busy"),
    ],
)
def test_a_waiting_run_says_what_it_waits_for(why, sentence):
    assert sentence in card(phase="queued", waiting_for=why)


def test_a_killed_trainer_is_told_from_one_that_vanished():
    assert "ended by the system" in card(phase="interrupted", exit={"code": -9, "reason": "killed by SIGKILL"})
    assert "power cut" in card(phase="interrupted")


@pytest.mark.parametrize("code", ["disk_full", "not_finite", "bug", "another"])
def test_an_error_is_a_sentence_and_its_message_stays_text(code):
    shown = card(CHINESE, phase="failed", error={"code": code, "message": "<b>x</b>"})
    assert "<b>" not in shown


def test_names_and_texts_of_a_person_stay_text():
    evil = "<img src=x onerror=alert(1)>"
    samples = run_cards.samples_card(ENGLISH, [{"step": 1, "prompt": evil, "text": evil}])
    queue = run_cards.queue_card(ENGLISH, [FACTS | {"title": evil, "phase": "queued"}], {})
    for markup in (card(title=evil), str(samples), str(queue), str(run_cards.log_card(ENGLISH, evil))):
        assert "<img" not in markup
        assert "&lt;img" in markup


def test_samples_tell_the_opening_from_the_models_words():
    rows = [{"step": step, "prompt": "雪", "text": f"落{step}"} for step in (40, 20, 0)]
    shown = str(run_cards.samples_card(CHINESE, rows))
    assert '<span class="prompt">雪</span><span class="models">落40</span>' in shown
    assert shown.index("落40") < shown.index("落0")


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (0, "0 s", "0 秒"),
        (59.6, "1 min", "1 分"),
        (61, "1 min 1 s", "1 分 1 秒"),
        (3725, "1 h 2 min", "1 小时 2 分"),
        (90000, "1 d 1 h", "1 天 1 小时"),
    ],
)
def test_a_duration_is_its_two_largest_units(seconds, english, chinese):
    assert run_cards.duration(ENGLISH, seconds) == english
    assert run_cards.duration(CHINESE, seconds) == chinese


def test_parameters_are_counted_as_the_language_counts():
    assert run_cards.parameters(ENGLISH, 81_894_144) == "82 million parameters"
    assert run_cards.parameters(CHINESE, 81_894_144) == "8,189 万参数"
    assert run_cards.parameters(ENGLISH, 24_000) == "24,000 parameters"
