"""Tables of jobs as spreadsheets and databases write them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mtrs_geo.batch import run_batch
from mtrs_geo.batch.job import option_of
from mtrs_geo.batch.tables import read_jobs
from mtrs_geo.errors import OutputError, RequestError

PLAIN = "id,before,after,query\nx,Straße.tif,a.tif,new squares\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (PLAIN, "utf-8"),
        (PLAIN, "utf-8-sig"),
        (PLAIN, "cp1252"),
        (PLAIN.replace(",", "\t"), "utf-16"),
        (PLAIN.replace(",", ";").replace("\n", "\r\n"), "utf-8-sig"),
        ("sep=;\r\n" + PLAIN.replace(",", ";"), "cp1252"),
        ("ID, Before ,AFTER,Query\n x , Straße.tif,a.tif ,new squares \n", "utf-8"),
        ("id,before,after,query,,\nx,Straße.tif,a.tif,new squares,,\n,,,,,\n\n", "utf-8"),
        ("\n# jobs of May\n\n" + PLAIN, "utf-8"),
        (PLAIN + "#y,b.tif,c.tif,new squares\n# later: z, too\n", "utf-8"),
        (PLAIN.replace(",", "|").replace("\n", "\r"), "utf-8"),
        ('"id","before","after","query"\n"x","Straße.tif","a.tif","new squares",\n', "utf-8"),
    ],
)
def test_tables_of_spreadsheets(tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / "jobs.csv"
    path.write_bytes(text.encode(encoding))
    (job,) = read_jobs(path)
    assert (job.id, job.queries) == ("x", ("new squares",))
    assert (job.before, job.after) == (str(tmp_path / "Straße.tif"), str(tmp_path / "a.tif"))


@pytest.mark.parametrize(
    ("text", "message", "advice"),
    [
        ("name,t1,t2\nx,a.tif,b.tif\n", "no raster in the column 'before'", "it has name, t1, t2"),
        ("before,after,\na.tif,b.tif,0.4\n", "'0.4' is in a column without a name", "a name"),
        ("before,Before,after\na.tif,b.tif,c.tif\n", "the column 'before' twice", "Remove"),
        (",,\n,,\n", "there is no job", "docs/batch.md"),
        ("before,before,after\na.tif,b.tif,c.tif\n", "2 columns with the name 'before'", "Remove"),
        (PLAIN + 'y,b.tif,"c.tif,new\nz,c.tif,d.tif,new\n', "unexpected end of data", "quotation"),
        (PLAIN + f"y,b.tif,c.tif,{'x' * 200_000}\n", "larger than field limit", "quotation"),
    ],
)
def test_messages_about_columns(tmp_path: Path, text: str, message: str, advice: str) -> None:
    (tmp_path / "jobs.csv").write_text(text)
    with pytest.raises(RequestError, match=message) as raised:
        read_jobs(tmp_path / "jobs.csv")
    assert advice in raised.value.advice


@pytest.mark.parametrize(
    ("query", "encoding"), [("новые здания", "cp1251"), ("新建筑物", "gbk"), ("new", "utf-16-le")]
)
def test_text_of_another_code_page_is_refused(tmp_path: Path, query: str, encoding: str) -> None:
    text = f"before,after,query\na.tif,b.tif,{query}\n"
    (tmp_path / "jobs.csv").write_bytes(text.encode(encoding))
    with pytest.raises(RequestError, match="neither UTF-8 nor Windows-1252"):
        read_jobs(tmp_path / "jobs.csv")


def test_a_line_separator_in_a_cell_is_no_new_row(tmp_path: Path) -> None:
    text = "before,after,query\na.tif,b.tif,new\u2028\x0cbuildings\n"
    (tmp_path / "jobs.csv").write_text(text, "utf-8")
    assert read_jobs(tmp_path / "jobs.csv")[0].queries == ("new\u2028\x0cbuildings",)


def test_ids_may_begin_with_a_hash(tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text("id,before,after\n#1,a.tif,b.tif\n#2,a.tif,b.tif\n")
    assert [job.id for job in read_jobs(tmp_path / "jobs.csv")] == ["1", "2"]


def test_home_and_variables_in_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    monkeypatch.setenv("DATA", "/data")
    (tmp_path / "$DATA").mkdir()
    (tmp_path / "$DATA/c.tif").touch()
    remote = "https://a.b/$DATA.tif"
    paths = ("~/a.tif", "${DATA}/b.tif", "$DATA/c.tif", remote, "PG:dbname=x")
    jobs = [{"before": path, "after": "b.tif"} for path in paths]
    monkeypatch.chdir(tmp_path)
    found = [job.before for job in read_jobs(jobs)]
    assert found == [
        "/home/someone/a.tif", "/data/b.tif", str(tmp_path / "$DATA/c.tif"), remote,
        "PG:dbname=x",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.yaml", "- before: a\n  after: b\n  after: c\n", "the key 'after' is given twice"),
        ("a.yaml", "- {before: a, after: b, references: [c]}", r"references \['c'\] cannot"),
        ("a.json", '{"features": [{"assets": {"before": "a", "after": "b"}}]}', "are objects"),
        (
            "a.json",
            '{"features": [{"assets": {"before": {}, "after": {}}, "properties": [1]}]}',
            "are objects",
        ),
    ],
)
def test_tables_that_cannot_be_meant(tmp_path: Path, name: str, content: str, message: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(RequestError, match=message):
        read_jobs(tmp_path / name)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_json_with_a_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    text = '{"features": [{"assets": {"before": {"href": "a"}, "after": {"href": "b"}}}]}'
    (tmp_path / "a.json").write_text(text, encoding)
    assert len(read_jobs(tmp_path / "a.json")) == 1


@pytest.mark.parametrize(
    ("text", "value"), [("0,25", 0.25), ("0,125", 0.125), ("12,5", 12.5), (" 0.5 ", 0.5)]
)
def test_decimal_commas(text: str, value: float) -> None:
    assert option_of("threshold", text, "row 1") == value


def test_a_comma_before_three_digits_is_not_guessed() -> None:
    with pytest.raises(RequestError, match="min_area_m2 '1,500' cannot be used"):
        option_of("min_area_m2", "1,500", "row 1")


def test_rasters_of_one_name_in_two_folders_are_told_apart(
    tmp_path: Path, write: Callable[..., Path]
) -> None:
    before, after = tmp_path / "2016/town.tif", tmp_path / "2023/town.tif"
    write(before, 0)
    write(after, 3)
    jobs = [{"id": "town", "before": str(before), "after": str(after)}]
    run_batch(jobs, tmp_path / "out", "any change", model="brightness")
    write(before, 1)
    with pytest.raises(OutputError, match=r"'town' is done.*inputs 2016/town\.tif"):
        run_batch(jobs, tmp_path / "out", "any change", model="brightness", resume=True)


def test_ids_keep_the_marks_of_letters(tmp_path: Path) -> None:
    path = tmp_path / "jobs.csv"
    names = ["मेरा", "मेरी", "กรุงเทพ", "Cafe\u0301", "a/b c", "x" * 90 + "1", "x" * 90 + "2"]
    path.write_text(
        "id,before,after\n" + "".join(f"{name},a.tif,b.tif\n" for name in names), "utf-8"
    )
    ids = [job.id for job in read_jobs(path)]
    assert ids[:5] == ["मेरा", "मेरी", "กรุงเทพ", "Café", "a_b_c"]
    assert len({*ids}) == len(names)
    assert max(map(len, ids)) == 80


@pytest.mark.parametrize("cell", ["new squares|", "|new squares", "new squares | "])
def test_an_empty_part_of_a_query_asks_for_nothing(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "jobs.csv"
    path.write_text(f"before,after,query\na.tif,b.tif,{cell}\n")
    (job,) = read_jobs(path)
    assert job.queries == ("new squares",)
