"""Law: a named file holds the last network, whole; what it held before is opened first and never lost unsaid."""

import json

import pytest

import nbkit as nb
from nbkit.errors import NbkitError
from nbkit.widgets.workbench.keeping import FileKeeper

NET, SETUP = nb.networks.rhythm(), nb.Setup(50.0, 0.1)


class Clock:
    """A clock that a test sets, and what waits for it."""

    def __init__(self, *, loop=True):
        self.now, self.waiting, self.loop = 100.0, [], loop

    def __call__(self):
        return self.now

    def later(self, seconds, callback):
        if self.loop:
            self.waiting.append((self.now + seconds, callback))
        return self.loop

    def go(self, seconds):
        self.now += seconds
        due, self.waiting = self.waiting, []
        for when, callback in due:
            assert when <= self.now + 1e-9
            callback()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "my.json"


def keeper(path, document, clock):
    told = []
    return FileKeeper(path, document, lambda words, kind: told.append((kind, words)), clock.later, clock), told


def tau(path):
    return nb.Document.from_json(path.read_text(encoding="utf-8")).network.value("E.tau")


def test_edits_are_written_at_once_and_then_at_most_once_a_second(path):
    clock, document = Clock(), nb.Document(NET, SETUP)
    kept, told = keeper(path, document, clock)
    assert not path.exists()
    document.edit(NET.with_value("E.tau", 9.0))
    assert tau(path) == 9.0
    for value in (10.0, 11.0, 12.0):
        clock.now += 0.1
        document.edit(NET.with_value("E.tau", value))
    assert tau(path) == 9.0
    assert len(clock.waiting) == 1
    clock.go(0.7)
    assert tau(path) == 12.0
    assert told == [("good", "saved to my.json")] * 2
    document.edit(NET.with_value("E.tau", 13.0))
    kept.close()
    assert tau(path) == 13.0
    document.edit(NET)
    assert tau(path) == 13.0
    assert [p.name for p in path.parent.iterdir()] == ["my.json"]


def test_where_no_event_loop_runs_every_edit_is_written(path):
    document = nb.Document(NET, SETUP)
    keeper(path, document, Clock(loop=False))
    for value in (9.0, 10.0):
        document.edit(NET.with_value("E.tau", value))
        assert tau(path) == value


def test_a_file_that_somebody_else_changed_is_left_as_it_is(path):
    document = nb.Document(NET, SETUP)
    _, told = keeper(path, document, Clock(loop=False))
    document.edit(NET.with_value("E.tau", 9.0))
    path.write_text("mine", encoding="utf-8")
    document.edit(NET.with_value("E.tau", 10.0))
    assert path.read_text(encoding="utf-8") == "mine"
    assert told[-1][0] == "bad"
    assert "changed by something else" in told[-1][1]


def test_a_write_that_fails_leaves_the_last_good_file(path, monkeypatch):
    document = nb.Document(NET, SETUP)
    _, told = keeper(path, document, Clock(loop=False))
    document.edit(NET.with_value("E.tau", 9.0))

    def full(self, text, **_):
        self.write_bytes(text.encode()[:20])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", full)
    document.edit(NET.with_value("E.tau", 10.0))
    assert tau(path) == 9.0
    assert told[-1] == ("bad", "my.json could not be written: No space left on device")
    assert [p.name for p in path.parent.iterdir()] == ["my.json"]


def test_a_later_workbench_goes_on_from_the_file_and_undo_goes_back(path):
    first = nb.Workbench(NET, SETUP, autosave=path)
    assert not path.exists()
    first.document.edit(NET.with_value("E.tau", 9.0))
    first.close()
    again = nb.Workbench(NET, SETUP, autosave=str(path))
    assert again.network.value("E.tau") == 9.0
    assert "opened my.json, saved " in again.page.header.sharing["file"]["words"]
    assert tau(path) == 9.0
    again.document.undo()
    assert again.network == NET
    again.document.redo()
    again.close()
    alone = nb.Workbench(autosave=path)
    assert (alone.network.value("E.tau"), alone.document.number) == (9.0, 0)
    assert alone.document.setup == SETUP


def test_without_a_name_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    nb.Workbench(NET, SETUP).document.edit(NET.with_value("E.tau", 9.0))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("held", "words"),
    [
        (b"dear diary", "holds no network, and would be overwritten"),
        (b"", "holds no network"),
        (json.dumps({"format": "other"}).encode(), "holds no network"),
        (b"\xff\xfe\x00", "it is no text"),
    ],
)
def test_a_file_that_holds_something_else_is_refused_and_stays(path, held, words):
    path.write_bytes(held)
    with pytest.raises(NbkitError, match=words) as told:
        nb.Workbench(NET, SETUP, autosave=path)
    assert told.value.code == "bad-file"
    assert path.read_bytes() == held


def test_a_file_that_the_form_does_not_allow_is_refused_and_stays(path):
    path.write_text(nb.networks.moving_bump().to_json(), encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(NbkitError, match="holds another network"):
        nb.Workbench(NET, SETUP, lock=True, autosave=path)
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(NbkitError, match="there is no folder"):
        nb.Workbench(NET, SETUP, autosave=tmp_path / "none" / "my.json")
    with pytest.raises(NbkitError, match="cannot be read"):
        nb.Workbench(NET, SETUP, autosave=tmp_path)
