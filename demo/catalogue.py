"""Defines the demo merchant's products: tea and accessories, made up for Throughline."""

CATEGORIES = (
    # code, English, Chinese, price range, weight g, variants
    ("TEA", "Tea", "茶叶", (28, 168), 120),
    ("MUG", "Mugs", "马克杯", (35, 98), 380),
    ("POT", "Teapots", "茶壶", (88, 398), 720),
    ("TIN", "Tins", "茶罐", (18, 68), 160),
    ("SET", "Gift sets", "礼盒", (168, 688), 1100),
    ("KET", "Kettles", "烧水壶", (199, 599), 1400),
    ("TRA", "Trays", "茶盘", (58, 268), 900),
    ("ACC", "Accessories", "配件", (9, 59), 60),
)
KINDS = {
    "TEA": (
        ("Longjing green tea", "龙井绿茶"),
        ("Biluochun green tea", "碧螺春"),
        ("Tieguanyin oolong", "铁观音"),
        ("Da Hong Pao oolong", "大红袍"),
        ("Jasmine pearls", "茉莉龙珠"),
        ("Keemun black tea", "祁门红茶"),
        ("Dianhong black tea", "滇红"),
        ("Shou pu-erh", "熟普洱"),
        ("Sheng pu-erh", "生普洱"),
        ("White peony", "白牡丹"),
    ),
    "MUG": (
        ("Stoneware mug", "粗陶马克杯"),
        ("Porcelain mug", "白瓷马克杯"),
        ("Glass mug", "玻璃马克杯"),
        ("Travel mug", "随行杯"),
        ("Lidded mug", "带盖马克杯"),
    ),
    "POT": (
        ("Yixing teapot", "紫砂壶"),
        ("Glass teapot", "玻璃茶壶"),
        ("Cast-iron teapot", "铸铁壶"),
        ("Side-handle teapot", "侧把壶"),
        ("Gaiwan", "盖碗"),
    ),
    "TIN": (
        ("Tea tin", "茶叶罐"),
        ("Sealed jar", "密封罐"),
        ("Travel tin", "旅行罐"),
        ("Caddy", "茶仓"),
        ("Wooden box", "木盒"),
    ),
    "SET": (
        ("New Year gift set", "新年礼盒"),
        ("Mid-Autumn gift set", "中秋礼盒"),
        ("Tasting set", "品鉴套装"),
        ("Beginner set", "入门套装"),
        ("Office set", "办公套装"),
    ),
    "KET": (
        ("Gooseneck kettle", "细嘴壶"),
        ("Electric kettle", "电水壶"),
        ("Ceramic kettle", "陶瓷煮茶壶"),
        ("Glass kettle", "玻璃养生壶"),
        ("Iron kettle", "老铁壶"),
    ),
    "TRA": (
        ("Bamboo tray", "竹茶盘"),
        ("Slate tray", "乌金石茶盘"),
        ("Dry-brew tray", "干泡台"),
        ("Serving tray", "托盘"),
        ("Tea boat", "壶承"),
    ),
    "ACC": (
        ("Tea scoop", "茶则"),
        ("Strainer", "茶漏"),
        ("Tea towel", "茶巾"),
        ("Tongs", "茶夹"),
        ("Coaster", "杯垫"),
    ),
}
VARIANTS = (
    ("50 g", "50 克"),
    ("100 g", "100 克"),
    ("250 g", "250 克"),
)  # of tea; other goods come in colours
COLOURS = (
    ("white", "白"),
    ("celadon", "青瓷"),
    ("black", "黑"),
    ("ochre", "赭石"),
    ("indigo", "靛蓝"),
)

WAREHOUSES = (
    # code, name, country, region, city, address, postal code, time zone, priority
    (
        "HZ",
        "Hangzhou 杭州仓",
        "CN",
        "浙江省",
        "杭州市",
        "余杭区良渚街道物流路 88 号",
        "311113",
        "Asia/Shanghai",
        10,
    ),
    (
        "GZ",
        "Guangzhou 广州仓",
        "CN",
        "广东省",
        "广州市",
        "白云区江高镇仓储路 16 号",
        "510450",
        "Asia/Shanghai",
        20,
    ),
    (
        "RTM",
        "Rotterdam",
        "NL",
        "",
        "Rotterdam",
        "Waalhaven Zuidzijde 20",
        "3089 JH",
        "Europe/Amsterdam",
        30,
    ),
)
CITIES = (
    # region, city, postal code, street
    ("上海", "上海市", "200040", "南京西路"),
    ("北京", "北京市", "100020", "朝阳门外大街"),
    ("广东省", "深圳市", "518000", "深南大道"),
    ("广东省", "广州市", "510000", "天河路"),
    ("浙江省", "杭州市", "310000", "文三路"),
    ("四川省", "成都市", "610000", "人民南路"),
    ("江苏省", "南京市", "210000", "中山路"),
    ("湖北省", "武汉市", "430000", "解放大道"),
    ("陕西省", "西安市", "710000", "长安路"),
    ("福建省", "厦门市", "361000", "湖滨南路"),
)
SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗"
GIVEN = (
    "娜",
    "伟",
    "敏",
    "静",
    "磊",
    "洋",
    "芳",
    "艳",
    "杰",
    "涛",
    "明",
    "超",
    "秀英",
    "丽",
    "强",
    "军",
    "建国",
    "思远",
    "雨桐",
    "子涵",
    "浩然",
    "欣怡",
)
ENGLISH = (
    "Emma Clarke",
    "Oliver Hughes",
    "Sophie Martin",
    "Lucas Weber",
    "Anna Kowalska",
    "Noah de Vries",
    "Mia Rossi",
    "Liam Murphy",
    "Zoe Dubois",
    "Max Fischer",
)
PEOPLE = (
    # user name, name, role, language
    ("owner", "陈思远", "owner", ""),
    ("service", "Emma Clarke", "service", ""),
    ("finance", "周敏", "finance", ""),
    ("picker", "吴磊", "picker", ""),
    ("warehouse", "赵强", "warehouse", ""),
    ("buyer", "林静", "buyer", ""),
    ("analyst", "Lucas Weber", "analyst", ""),
    ("auditor", "何明", "auditor", ""),
)
CHANNELS = (
    # code, name, kind, language, accepts backorders, review, time zone
    ("web", "Web shop", "storefront", "zh-hans", False, "record", "Asia/Shanghai"),
    ("desk", "Phone desk", "desk", "zh-hans", True, "hold", "Asia/Shanghai"),
    ("mail", "Mail orders", "mail", "en", True, "hold", "Asia/Shanghai"),
    ("shopify", "Shopify", "shopify", "en", True, "hold", "Asia/Shanghai"),
    ("woo", "WooCommerce", "woocommerce", "en", True, "hold", "Asia/Shanghai"),
    ("file", "Files", "file", "en", True, "hold", "UTC"),
)
