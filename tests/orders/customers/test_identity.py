"""Who a customer is: an exact e-mail groups, a phone does unless name and e-mail say somebody else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.customers.contacts import (
    Address,
    Buyer,
    address_findings,
    identities,
    is_same_name,
    phone_e164,
)
from orders.customers.postal_codes import normal_postal_code, postal_code_patterns
from orders.models import Customer
from tests.conftest import order_body

POSTAL_CODES = [
    ("GB", "sw1a1aa", "SW1A 1AA"),
    ("GB", "m25bq", "M2 5BQ"),
    ("CA", "k1a0b1", "K1A 0B1"),
    ("NL", "1012ab", "1012 AB"),
    ("DE", "D-10115", "10115"),
    ("DE", "D 10115", "10115"),
    ("DE", "DE-10115", "10115"),
    ("AT", "A-1010", "1010"),
    ("CH", "CH-8001", "8001"),
    ("FR", "F-75001", "75001"),
    ("PL", "00950", "00-950"),
    ("JP", "１００－０００１", "100-0001"),
    ("JP", "〒1000001", "100-0001"),
    ("IE", "d02x285", "D02 X285"),
    ("SE", "SE-114 55", "114 55"),
    ("US", "021381234", "02138-1234"),
    ("BR", "01310100", "01310-100"),
    ("IN", "110 001", "110001"),
    ("CN", "\u200b200040\u202c", "200040"),
]


@pytest.mark.parametrize(("country", "code", "normal"), POSTAL_CODES)
def test_a_postal_code_is_normalised_before_it_is_judged(country, code, normal):
    assert normal_postal_code(code, country) == normal
    address = Address("Kim", "1 Street", country, city="City", region="Region", postal_code=code)
    assert "postal_code_malformed" not in address_findings(address)


@pytest.mark.parametrize(
    ("country", "code"),
    [("US", "2138"), ("DE", "1067"), ("IT", "187"), ("CN", "20004"), ("GB", "SW1A"), ("PL", "950")],
)
def test_zeros_that_were_lost_are_asked_about(country, code):
    assert normal_postal_code(code, country) == code
    address = Address("Kim", "1 Street", country, city="City", region="Region", postal_code=code)
    assert "postal_code_malformed" in address_findings(address)


@given(st.text(max_size=12), st.sampled_from(["DE", "GB", "US", "JP", "CN", "SE", "ZZ", ""]))
def test_normalising_invents_nothing_and_ends(code, country):
    normal = normal_postal_code(code, country)
    assert normal_postal_code(normal, country) == normal
    if normal != code:
        assert all(pattern.match(normal) for pattern in postal_code_patterns(country))


@pytest.mark.parametrize(
    "said",
    [
        "+1 202 456 1111",
        "(202) 456-1111 x123",
        "202-456-1111 ext. 45",
        "2024561111 extension 9",
        "202 456 1111 #12",
        "\u202a+12024561111\u202c",
        "２０２４５６１１１１",
    ],
)
def test_an_extension_is_no_part_of_a_number(said):
    assert phone_e164(said, "US") == "+12024561111"


@pytest.mark.parametrize(
    "said", ["13800138000-1234", "13800138000转12", "13800138000 转 1234", "138 0013 8000"]
)
def test_nor_is_one_of_a_private_number(said):
    assert phone_e164(said, "CN") == "+8613800138000"


@pytest.mark.parametrize(
    "said", ["38465", "0", "00000000000", "12345678901", "1380013800", "+86", "x123"]
)
def test_a_number_that_cannot_be_one_says_nothing(said):
    assert phone_e164(said, "CN") is None
    assert identities(Buyer(phone=said), "CN") == ()


def test_names():
    for one, other in (
        ("Kim Example", "example, KIM"),
        ("Kim", "Kim Example"),
        ("王 小明", "王小明"),
        ("王**", "李四"),
        ("", "Ann"),
        ("K\u200bim", "kim"),
    ):
        assert is_same_name(one, other), (one, other)
    for one, other in (("Ann Miller", "Bob Miller"), ("王小明", "王小红"), ("Ann", "Anna")):
        assert not is_same_name(one, other), (one, other)


@pytest.fixture
def post(api, shop):
    return lambda **changes: api.post("orders", order_body(**changes))


@pytest.mark.django_db(transaction=True)
class TestPlacing:
    PHONE = "+8613700001234"

    def place(self, post, name, email="", phone=""):
        customer = {"name": name, "email": email, "phone": phone}
        answer = post(customer=customer)
        assert answer.status_code == 201, answer.content
        return answer.json()

    def test_one_phone_and_three_people_are_three(self, post, laws_hold):
        for name in ("Ann Alpha", "Bob Beta", "Cat Gamma"):
            self.place(post, name, f"{name.split()[0].lower()}@example.com", self.PHONE)
        self.place(post, "Bob Beta", "bob@example.com", self.PHONE)
        assert sorted(Customer.objects.values_list("name", flat=True)) == [
            "Ann Alpha",
            "Bob Beta",
            "Cat Gamma",
        ]
        laws_hold()

    def test_what_does_not_contradict_groups(self, post):
        self.place(post, "Ann Alpha", "ann@example.com", self.PHONE)
        self.place(post, "Somebody Else", " ANN@example.com ")
        self.place(post, "Bob Beta", "", self.PHONE)
        self.place(post, "Alpha Ann", "ann@work.example", self.PHONE + " x12")
        assert Customer.objects.count() == 1

    @pytest.mark.parametrize(
        "nothing", ["\u200b\u200d\ufeff", "\u3164", "\xa0", "\u202e", "\u2800"]
    )
    def test_a_name_that_shows_nothing_is_refused(self, post, nothing):
        for field in ("name", "line1"):
            address = {
                "name": "Kim",
                "line1": "1 Street",
                "city": "上海市",
                "postal_code": "200040",
                "country": "CN",
            }
            answer = post(shipping_address=address | {field: nothing})
            assert answer.status_code == 422
            assert answer.json()["errors"][0]["pointer"] == f"/shipping_address/{field}"
