"""Documents of partners, and the goods that letters ask for."""

import pytest

from orders.intake.mail.catalogue import Catalogue, Good
from tests.data import SHARED

DATA = SHARED / "edi"


real = pytest.mark.skipif(
    not DATA.exists(), reason="the real documents are not beside this checkout"
)


INTERCHANGE = (
    b"ISA*00*          *00*          *ZZ*BUYER          *ZZ*SELLER         *260301*0936*U*00401*000000055*0*P*>~"
    b"GS*PO*BUYER*SELLER*20260301*1041*2*X*004010~ST*850*0001~BEG*00*SA*PO-17**20260301~CUR*BY*EUR~"
    b"N1*BY*Tea House*92*C-9~PER*BD*Ann*EM*ann@tea.example*TE*+4930123456~"
    b"N1*ST*Tea House Berlin~N3*Hauptstr. 1*Hof~N4*Berlin**10115*DE~"
    b"PO1*1*12*EA*3.5**VP*TEA-001~PID*F****Green tea~PO1*2*2*EA*9**UP*4006381333931~CTT*2~SE*12*0001~GE*1*2~IEA*1*000000055~"
)


SHOP = Catalogue(
    [
        Good("TEA-001", "Green tea", ("绿茶",), available=5, least=2),
        Good("NST-19", "Nightstand SNÖRFORS 19"),
        Good("NST-26", "Nightstand SNÖRFORS 26"),
        Good("POT-1", "White pot", ("白瓷茶壶",), barcode="6901234567892"),
    ]
)
