import io

import msgspec
import pytest
import zxingcpp
from PIL import Image, ImageDraw

from sync.hub.alliance import members
from sync.hub.hub import Hub
from sync.hub.pages import member_card
from sync.hub.pages.rendering import qr_svg
from sync.hub.words import Told
from tests.sync.hub import sales
from tests.sync.hub.in_process import InProcess
from tests.sync.hub.terminals import FakeTerminal

CARD_CODE = "91368861958193196424478"


def path(hub: Hub, member_no: str = sales.MEMBER) -> str:
    with hub.database.read() as connection:
        return member_card.path_of(hub, connection, member_no)


def change(hub: Hub, **changes: str) -> None:
    with hub.database.write() as connection:
        member = members.find(connection, sales.MEMBER)
        assert member is not None
        members.put(connection, msgspec.structs.replace(member, **changes))


def test_the_page_shows_plan_points_and_code(http: InProcess, hub: Hub) -> None:
    page = http.get(path(hub))
    assert page.status_code == 200
    for shown in ("同壹联盟", "基础会员", ">20<", "9136", "8861", "478", "有效期至", 'lang="zh-CN"'):
        assert shown in page.text
    english = http.get(path(hub), **{"Accept-Language": "en-US,en;q=0.9"}).text
    assert "Show this code to the cashier" in english
    assert "Basic member" in english
    assert "基础会员" not in english
    assert english.split("<style")[0] == http.get(path(hub) + "?lang=en").text.split("<style")[0]
    assert "请向收银员" in http.get(path(hub) + "?lang=zh", **{"Accept-Language": "en"}).text


def test_a_plan_without_an_english_name_keeps_its_own(http: InProcess, hub: Hub) -> None:
    change(hub, plan="co_creator")
    assert "Co-creator" in http.get(path(hub) + "?lang=en").text
    change(hub, plan="founders")
    assert "founders" in http.get(path(hub) + "?lang=en").text


def test_points_on_the_page_follow_the_ledger(http: InProcess, hub: Hub, till: FakeTerminal) -> None:
    till.write(sales.sale(till.next_receipt_no()))
    till.upload()
    assert ">29<" in http.get(path(hub)).text


def test_the_page_is_private(http: InProcess, hub: Hub) -> None:
    for answer in (http.get(path(hub)), http.get("/card/nobody"), http.get("/")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        nonce = policy.partition("'nonce-")[2].partition("'")[0]
        assert f'<style nonce="{nonce}">' in answer.text
        assert "<script" not in answer.text
        assert "style=" not in answer.text, "the policy would drop it"


def test_a_link_that_is_not_ours_shows_nothing(http: InProcess, hub: Hub) -> None:
    good = path(hub)
    other = path(hub, "30007572").rpartition(".")[2]
    for wrong in (
        "/card/30006012",
        "/card/30006012.",
        good[:-1],
        good + "A",
        f"/card/{sales.MEMBER}.{other}",
        "/card/" + "会" * 10,
        "/card/" + "9" * 3000,
    ):
        answer = http.get(wrong)
        assert answer.status_code == 404
        assert "text/html" in answer.headers["content-type"]
        assert "没有找到" in answer.text
        assert "9136" not in answer.text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [({"status": "blocked"}, "此卡已停用"), ({"expires": "2020-01-01"}, "会员已到期"), ({}, "结账时")],
)
def test_a_member_is_told_when_the_card_does_not_work(
    http: InProcess, hub: Hub, changes: dict[str, str], sentence: str
) -> None:
    change(hub, **changes)
    assert sentence in http.get(path(hub)).text


def test_markup_in_a_name_is_shown_not_obeyed(http: InProcess, hub: Hub) -> None:
    change(hub, plan="<b>x</b>")
    page = http.get(path(hub)).text
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "<b>x</b>" not in page


def test_there_is_no_link_for_a_stranger(hub: Hub) -> None:
    with pytest.raises(Told, match="no member"):
        path(hub, "40000000")


def test_the_code_on_the_page_can_be_scanned(http: InProcess, hub: Hub) -> None:
    svg = str(qr_svg(CARD_CODE))
    assert svg in http.get(path(hub)).text
    [found] = zxingcpp.read_barcodes(drawn(svg))
    assert found.text == CARD_CODE
    assert found.ec_level == "M"


def drawn(svg: str) -> Image.Image:
    """Draws the one path of our QR code: squares given as `Mx,yHx2Vy2Hx1z`, in millimetres."""
    side_mm = float(svg.partition('viewBox="0 0 ')[2].split()[0])
    pixels_per_mm = 8
    image = Image.new("L", (int(side_mm * pixels_per_mm),) * 2, 255)
    draw = ImageDraw.Draw(image)
    for square in svg.partition(' d="')[2].partition('"')[0].split("M")[1:]:
        start, _, rest = square.partition("H")
        right, _, rest = rest.partition("V")
        bottom = rest.partition("H")[0]
        left, _, top = start.partition(",")
        corners = [float(one) * pixels_per_mm for one in (left, top, right, bottom)]
        draw.rectangle((corners[0], corners[1], corners[2] - 1, corners[3] - 1), fill=0)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return Image.open(buffer)
