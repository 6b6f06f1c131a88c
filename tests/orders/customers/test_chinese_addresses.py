"""Chinese addresses as people paste them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.customers.chinese_addresses import read_address
from orders.customers.chinese_places import divisions

HANGZHOU = ("浙江省", "杭州市", "西湖区")


@pytest.mark.parametrize(
    ("text", "name", "phone", "place", "street"),
    [
        (
            "张三 13812345678 浙江省杭州市西湖区文三路 478 号 A 座 1203 室",
            "张三",
            "13812345678",
            HANGZHOU,
            "文三路 478 号 A 座 1203 室",
        ),
        (
            "张三13812345678浙江省杭州市西湖区文三路478号",
            "张三",
            "13812345678",
            HANGZHOU,
            "文三路478号",
        ),
        (
            "杭州西湖区天目山路226号 陈先生 +86 133 1234 5678",
            "陈先生",
            "13312345678",
            HANGZHOU,
            "天目山路226号",
        ),
        (
            "浙江杭州市西湖区文三路478号，李娜，138-0000-1234",
            "李娜",
            "13800001234",
            HANGZHOU,
            "文三路478号",
        ),
        (
            "收货人：赵六\n手机号码：15800001234\n所在地区：广东省 深圳市 南山区 粤海街道\n详细地址：科技园南区R2-B栋6楼",
            "赵六",
            "15800001234",
            ("广东省", "深圳市", "南山区"),
            "粤海街道 科技园南区R2-B栋6楼",
        ),
        (
            "上海上海市徐汇区衡山路10号 John Smith 13811112222",
            "John Smith",
            "13811112222",
            ("上海市", "上海市", "徐汇区"),
            "衡山路10号",
        ),
        (
            "北京朝阳区望京街10号 欧阳娜娜 18612345678-1234",
            "欧阳娜娜",
            "18612345678-1234",
            ("北京市", "北京市", "朝阳区"),
            "望京街10号",
        ),
        (
            "新疆乌鲁木齐市天山区人民路1号 古丽 0991-8888888",
            "古丽",
            "09918888888",
            ("新疆维吾尔自治区", "乌鲁木齐市", "天山区"),
            "人民路1号",
        ),
        (
            "李四收 广东省东莞市长安镇振安东路12号 13712345678",
            "李四",
            "13712345678",
            ("广东省", "东莞市", ""),
            "长安镇振安东路12号",
        ),
        (
            "１３８１２３４５６７８　王五　江苏省南京市玄武区中山路１号",
            "王五",
            "13812345678",
            ("江苏省", "南京市", "玄武区"),
            "中山路1号",
        ),
        (
            "138****5678 四川省成都市武侯区天府大道1号 何**",
            "何**",
            "138****5678",
            ("四川省", "成都市", "武侯区"),
            "天府大道1号",
        ),
    ],
)
def test_pasted(text, name, phone, place, street):
    found = read_address(text)

    assert (found.name, found.phone, found.street) == (name, phone, street)
    assert (found.region, found.city, found.district) == place
    assert found.missing == ()
    assert found.confidence >= 0.85


def test_what_is_missing_is_named_and_lowers_confidence():
    found = read_address("杭州 13812345678")

    assert set(found.missing) == {"name", "district", "street"}
    assert found.confidence < 0.6
    assert read_address("").confidence < 0.2


def test_a_postal_code_is_no_house_number():
    assert (
        read_address("江苏省南京市玄武区中山路1号 210018 王五 13812345678").postal_code == "210018"
    )
    assert read_address("江苏省南京市玄武区中山路210018号 王五 13812345678").postal_code == ""


def test_every_city_of_every_province_is_found():
    for region, cities in divisions().items():
        for city, districts in cities.items():
            district = districts[0] if districts else ""
            found = read_address(f"张三 13812345678 {region}{city}{district}人民路1号")
            assert (found.region, found.city, found.district) == (region, city, district)


@given(st.text("张三丰浙江省杭州市西湖区文三路号 138123456780-*,，：\n a\x00", max_size=120))
def test_nothing_pasted_breaks_the_reader(text):
    assert 0 <= read_address(text).confidence <= 1


@pytest.mark.django_db
def test_by_the_api_and_at_the_desk(api, sign_in):
    text = "张三 13812345678 浙江省杭州市西湖区文三路 478 号"

    parsed = api.post("addresses/parse", {"text": text}).json()
    assert parsed["shipping_address"] == {
        "name": "张三",
        "phone": "13812345678",
        "line1": "西湖区文三路 478 号",
        "city": "杭州市",
        "region": "浙江省",
        "postal_code": "",
        "country": "CN",
    }
    assert "杭州市" in api.get("addresses/divisions", region="浙江省").json()["data"]
    assert "西湖区" in api.get("addresses/divisions", region="浙江省", city="杭州市").json()["data"]
    desk = sign_in("service").post("/orders/new/address/", {"text": text}).json()
    assert desk["fields"]["line1"] == "西湖区文三路 478 号"
