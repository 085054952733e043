"""Files in parts: the next one follows once the browser has the last, and none is kept."""

from initviz.live.downloads import NAME, PART, Downloads


def arrive(downloads: Downloads) -> list[list]:
    """What a browser is sent until it has everything."""
    found = []
    while len(downloads.layout.tags) > 1:
        found.append(downloads.layout.tags[1:])
        number, _, _, place, *_ = found[-1]
        downloads.layout.value = f"{number} {place}"
    return found


def test_a_file_comes_in_parts_and_is_kept_nowhere():
    downloads, content = Downloads(), bytes(range(256)) * (PART // 256 + 1)
    downloads.send("weights.npz", content)
    assert [len(each[-1]) for each in [downloads.layout.tags]] == [PART]
    parts = arrive(downloads)
    assert b"".join(part for *_, part in parts) == content
    assert [(file, kind, place, count) for _, file, kind, place, count, _ in parts] == [
        ("weights.npz", "application/zip", place, 2) for place in range(2)
    ]
    assert downloads.layout.tags == [NAME]
    assert not downloads._parts


def test_files_wait_for_one_another_and_an_empty_one_is_one():
    downloads = Downloads()
    for file in ("a.csv", "b.json", "c.py"):
        downloads.send(file, file.encode() * (file != "b.json"))
    downloads.layout.value = "7 0"  # of nothing that was sent
    assert downloads.waiting == 3
    assert [(file, part) for _, file, _, _, _, part in arrive(downloads)] == [
        ("a.csv", b"a.csv"), ("b.json", b""), ("c.py", b"c.py")
    ]  # fmt: skip
    assert downloads.waiting == 0


def test_the_same_file_can_be_sent_again():
    downloads = Downloads()
    for _ in range(2):
        downloads.send("a.csv", b"1")
        assert len(arrive(downloads)) == 1
