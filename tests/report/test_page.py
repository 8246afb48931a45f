"""HTML pieces: escaped, and nothing where there is nothing."""

from __future__ import annotations

from api.report import page


def test_everything_that_comes_in_is_escaped() -> None:
    name = '<script>alert("x")</script>'
    made = "".join(
        (
            page.paragraph(name),
            page.heading(name),
            page.badge(True, name),
            page.tiles([(name, name)]),
            page.table((name,), [(name,)]),
            page.figure("", name),
            page.fold(name, "inside"),
            page.section(name, name),
            page.page(name, name, [(name, name, "")], name),
        )
    )
    assert "<script" not in made
    assert made.count("&lt;script&gt;") >= 12


def test_control_characters_are_not_passed_on() -> None:
    assert page.paragraph("a\x1b[31mb") == "<p>a�[31mb</p>\n"


def test_a_table_without_rows_is_nothing() -> None:
    assert page.table(("A", "B"), []) == ""
    assert page.fold("Details", "") == ""


def test_numbers_stand_on_the_right() -> None:
    made = page.table(("What", "Points"), [("wait", "12")], right=("Points",))
    assert '<th>What</th><th class="number">Points</th>' in made
    assert '<td>wait</td><td class="number">12</td>' in made


def test_a_page_has_a_link_to_each_section() -> None:
    made = page.page("Clinic", "", [("one", "First", page.section("one", "First", "<p>a</p>"))], "")
    assert '<a href="#one">First</a>' in made
    assert '<section id="one">\n<h2>First</h2>\n<p>a</p>' in made
