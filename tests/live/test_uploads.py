"""Files from a page, in the messages that its script sends; in a real browser in `tests/ui/test_models.py`."""

import base64
import json
import tempfile
from pathlib import Path

import pytest

from initviz.live import uploads
from initviz.live.uploads import LONGEST_NAME, MOST_FILES, NAME, Uploads, follow_uploads, limit_uploads

NOT_OURS = "files must arrive as this page sends them, got something else. Choose them again."
OTHERS = "choose up to 200 files of different names, got {}. Choose others."


class Page:
    """A page that gives files, and what it is told."""

    def __init__(self, of_use: bool = True):
        self.taken, self.told, self.refused, self.of_use = [], [], [], of_use
        self.uploads = Uploads(self._take, self.told.append, self.refused.append)
        self.batch = 0

    def _take(self, path: Path, known) -> None:
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        self.taken.append((path, {file.name: file.read_bytes() for file in files}))
        known(self.of_use)

    def tell(self, message: str) -> list:
        """Send a message; what the page is asked for then."""
        self.uploads.layout.value = message
        return self.uploads.layout.tags[1:]

    def begin(self, *files: tuple[str, int]) -> list:
        """Choose files of these names and sizes."""
        self.batch += 1
        return self.tell(f"{self.batch} begin {json.dumps([{'name': name, 'size': size} for name, size in files])}")

    def part(self, place: int, start: int, content: bytes) -> list:
        """Send a part."""
        return self.tell(f"{self.batch} part {place} {start} {base64.b64encode(content).decode()}")

    def give(self, *files: tuple[str, bytes], size: int = 7) -> list:
        """Choose files, and send them in parts of so many bytes, as they are asked for."""
        asked = self.begin(*((name, len(content)) for name, content in files))
        while asked[:1] == [self.batch] and asked[1] >= 0:
            _, place, start = asked
            asked = self.part(place, start, files[place][1][start : start + size])
        return asked


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Where all that arrives must lie; it is empty once pages are closed."""
    found = tmp_path / "temporary"
    found.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(found))
    yield found
    assert [each.name for each in tmp_path.iterdir()] == ["temporary"], "nothing is written elsewhere"


@pytest.fixture
def visitor(folder):
    """A page, which is closed after the test."""
    found = Page()
    yield found
    found.uploads.close()
    assert list(folder.iterdir()) == []


def test_a_file_arrives_in_parts(visitor, folder):
    content = bytes(range(256)) * 3
    assert visitor.give(("mine.npz", content)) == [1, -1, 0]
    ((path, found),) = visitor.taken
    assert found == {"mine.npz": content}
    assert path.name == "mine.npz"
    assert folder in path.parents
    assert visitor.refused == []
    assert (visitor.told[0], visitor.told[-1]) == ("0 bytes of 768 bytes have arrived.", "")


def test_several_files_arrive_in_one_folder(visitor):
    files = {"b.safetensors": b"second" * 9, "a.safetensors": b"first", "empty": b""}
    visitor.give(*files.items())
    ((path, found),) = visitor.taken
    assert found == files
    assert path.name == "3 files", "as the model is called then"


def test_a_file_without_bytes_is_there_at_once(visitor):
    assert visitor.begin(("mine.npz", 0)) == [1, -1, 0]
    assert visitor.taken[0][1] == {"mine.npz": b""}


@pytest.mark.parametrize(("name", "kept"), [
    ("../../x.npz", "x.npz"), ("/etc/passwd", "passwd"), ("..\\..\\x", "x"), ("C:\\models\\x.npz", "x.npz"),
    ("..", "model"), (".", "model"), ("", "model"), ("a/", "model"), (".hidden", "hidden"), ("a\0b\n", "ab"),
    ("\ud800x", "x"), ("x" * 500 + ".npz", "x" * (LONGEST_NAME - 4) + ".npz"), ("模" * 200, "模" * (LONGEST_NAME // 3)),
    ("mine\u202ezpn.exe", "minezpn.exe"), ("<b>'\".npz", "<b>'\".npz"),
], ids=lambda name: ascii(name)[:20])  # fmt: skip
def test_a_name_leads_nowhere_else(visitor, folder, name, kept):
    visitor.give((name, b"weights"))
    ((path, found),) = visitor.taken
    assert (path.name, found) == (kept, {kept: b"weights"})
    assert path.parent.parent.parent == folder


def test_parts_in_another_order_are_asked_for_in_theirs(visitor):
    assert visitor.begin(("a", 4), ("b", 4)) == [1, 0, 0]
    assert visitor.part(1, 0, b"bbbb") == [1, 0, 0]  # there, but a is not
    assert visitor.part(0, 2, b"aa") == [1, 0, 0]  # not yet
    assert visitor.part(0, 0, b"aa") == [1, 0, 2]
    assert visitor.part(0, 0, b"xx") == [1, 0, 2]  # once more
    assert visitor.taken == []
    assert visitor.part(0, 2, b"aa") == [1, -1, 0]
    assert visitor.taken[0][1] == {"a": b"aaaa", "b": b"bbbb"}


def test_more_than_was_said_is_refused(visitor):
    visitor.begin(("mine.npz", 3))
    assert visitor.part(0, 0, b"four") == [1, -1, 0]
    assert visitor.refused == ["mine.npz must have 3 bytes, got more. Choose it again."]
    assert visitor.part(0, 0, b"abc") == [1, -1, 0], "nothing is on its way any more"
    assert visitor.taken == []


@pytest.fixture
def limited():
    """No more than 1 MB."""
    before = uploads._largest
    limit_uploads(10**6)
    yield
    limit_uploads(before)


@pytest.mark.parametrize("sizes", [[10**6 + 1], [6 * 10**5] * 2, [10**15]], ids=str)
def test_too_much_is_refused_before_any_of_it_is_sent(visitor, folder, limited, sizes):
    assert visitor.begin(*((str(place), size) for place, size in enumerate(sizes))) == [1, -1, 0]
    (said,) = visitor.refused
    assert said.startswith("files must have at most 1 MB here, got ")
    assert said.endswith(" MB. Choose a smaller one, or run initviz audit FILE where it is.") or sum(sizes) > 1e9
    assert list(folder.iterdir()) == []
    visitor.begin(("mine.npz", 10**6))
    assert len(visitor.refused) == 1


def test_no_size_makes_room_for_another(visitor, limited):
    visitor.begin(("large", 10**12), ("less than nothing", -(10**12)))
    assert visitor.refused == [NOT_OURS]
    assert visitor.taken == []


@pytest.mark.parametrize(("names", "count"), [
    (["a.npz", "a.npz"], 2), (["one/a.npz", "two/a.npz"], 2), ([str(place) for place in range(MOST_FILES + 1)], 201),
    ([], 0), (["..", ""], 2),
], ids=lambda names: str(names)[:20])  # fmt: skip
def test_names_that_come_twice_and_too_many_are_refused(visitor, folder, names, count):
    assert visitor.begin(*((name, 1) for name in names)) == [1, -1, 0]
    assert visitor.refused == [OTHERS.format(count)]
    assert list(folder.iterdir()) == []


def test_as_many_as_may_come_arrive(visitor):
    visitor.give(*((f"{place}.bin", bytes([place])) for place in range(MOST_FILES)))
    assert len(visitor.taken[0][1]) == MOST_FILES


GARBAGE = {
    "no JSON": "1 begin [", "no list": "1 begin 3", "null": "1 begin null", "a text": '1 begin "files"',
    "no sizes": '1 begin [{"name": "a"}]', "no names": '1 begin [{"size": 1}]', "numbers": "1 begin [1, 2]",
    "a name that is none": '1 begin [{"name": 3, "size": 1}]', "no number": '1 begin [{"name": "a", "size": "x"}]',
    "endless": '1 begin [{"name": "a", "size": 1e999}]', "not a number": '1 begin [{"name": "a", "size": NaN}]',
    "deep": "1 begin " + "[" * 100_000, "no batch": "x begin []",
}  # fmt: skip
PARTS = {
    "no base64": "1 part 0 0 ????", "half of base64": "1 part 0 0 YWJ", "no start": "1 part 0 x YWJj",
    "no such file": "1 part 7 0 YWJj", "nothing": "1 part", "no part": "1 part 0 0", "no place": "1 part x 0 YWJj",
    "surrogates": "1 part 0 0 \ud800", "digits without end": f"1 part {'9' * 5000} 0 YWJj",
}  # fmt: skip


@pytest.mark.parametrize("kind", GARBAGE)
def test_what_no_page_of_ours_says_is_refused_in_words(visitor, folder, kind):
    visitor.tell(GARBAGE[kind])
    assert visitor.refused == [NOT_OURS]
    assert list(folder.iterdir()) == []
    visitor.batch = 1
    visitor.give(("mine.npz", b"weights"))
    assert len(visitor.taken) == 1, "it goes on after that"


@pytest.mark.parametrize("kind", PARTS)
def test_parts_that_no_page_of_ours_sends_are_refused_in_words(visitor, folder, kind):
    visitor.begin(("mine.npz", 3))
    visitor.tell(PARTS[kind])
    assert visitor.refused == [NOT_OURS]
    assert visitor.taken == []
    assert list(folder.iterdir()) == []


def test_a_file_that_the_browser_cannot_read_is_refused(visitor):
    visitor.begin(("mine.npz", 3))
    visitor.tell("1 unread it has changed")
    assert visitor.refused == ["the browser must be able to read the file, got 'it has changed'. Choose it again."]


@pytest.mark.parametrize("message", ["", " ", "1", "1 part 0 0 YWJj", "1 unread x", "5 nothing", "1 begin"])
def test_what_comes_before_a_choice_does_nothing_or_is_refused(visitor, message):
    visitor.tell(message)
    assert visitor.taken == []
    assert set(visitor.refused) <= {NOT_OURS}


def test_a_second_choice_takes_the_place_of_the_first_one_on_its_way(visitor, folder):
    visitor.begin(("first", 6))
    visitor.part(0, 0, b"abc")
    assert visitor.begin(("second", 3)) == [2, 0, 0]
    assert len(list(folder.iterdir())) == 1
    assert visitor.tell("1 part 0 3 ZGVm") == [2, 0, 0]
    assert visitor.part(0, 0, b"xyz") == [2, -1, 0]
    assert [found for _, found in visitor.taken] == [{"second": b"xyz"}]
    assert visitor.refused == []


def test_what_was_taken_stays_until_the_next_is_of_use(visitor, folder):
    visitor.give(("first", b"1"))
    first = visitor.taken[0][0]
    visitor.of_use = False  # no model, for instance
    visitor.give(("second", b"2"))
    assert first.read_bytes() == b"1", "it may still be read"
    assert len(list(folder.iterdir())) == 1
    visitor.of_use = True
    visitor.give(("third", b"3"))
    assert not first.exists()
    assert visitor.taken[2][0].read_bytes() == b"3"
    visitor.begin(("fourth", 9))
    assert len(list(folder.iterdir())) == 2
    visitor.uploads.close()
    assert list(folder.iterdir()) == []
    visitor.uploads.close()


def test_where_nothing_can_be_written_it_is_said_without_a_path(visitor, folder, monkeypatch):
    def full(*_arguments, **_settings):
        raise OSError(28, "No space left on device", str(folder))

    monkeypatch.setattr(Path, "touch", full)
    visitor.begin(("mine.npz", 3))
    assert visitor.refused == [
        "files must find room on the server, got No space left on device. Choose others, or tell who runs it."
    ]
    assert list(folder.iterdir()) == []


def test_it_shows_nothing_and_without_a_page_nothing_is_sent():
    found = Page().uploads
    assert not found.layout.visible
    assert found.layout.tags == [NAME]
    follow_uploads(None)
