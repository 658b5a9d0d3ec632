"""Texts that break what handles them carelessly: as names, cells, headings, sheet names and file names. Our own list."""

STARTERS = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "＝",
    "＋",
    "－",
    "＠",
    "|",
    "%",
    "'",
    '"',
    "\n=",
    " =",
    "\u200b=",
    "\ufeff=",
)
PAYLOADS = (
    "1+1", "cmd|'/c calc'!A0", 'HYPERLINK("http://127.0.0.1/","点")', 'WEBSERVICE("http://127.0.0.1/")', "SUM(1:1)",
    "DDE(\"cmd\";\"/c calc\";\"x\")", "周小苗",
)  # fmt: skip
FORMULAS = [starter + payload for starter in STARTERS for payload in PAYLOADS]
CHARACTERS = [
    "\u202e苗册\u202c", "\u2066周\u2069一诺", "周\u200b一诺", "周\u00ad一诺",
    "\ufeff周一诺", "周\u0301\u0302\u0303一", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢", "ⅩⅤ", "ﬁ", "Å", "Å",
    "ﷺ",
    "﷽", "👨‍👩‍👧‍👦", "🇨🇳", "👍🏿", "田中さんにあげて下さい", "사회과학원", "𠜎𠜱𠝹𠱓", "𰻝",
    "\U00031350", "㐀", "龥", "〇", "\U0002f800", "㈠①",
    "ÅÍÎÏ˝ÓÔÒÚÆ☃", "Œ„´‰ˇÁ¨ˆØ∏", "﹣﹤", "０１２３", "٠١٢", "½⅓", "ﺍﻟﻌﺮﺑﻴﺔ", "עברית", "ไทย", "ཨ་", "ᠮᠣᠩᠭᠣᠯ", "ئۇيغۇرچە",
]  # fmt: skip
WORDS = [
    "undefined", "null", "NULL", "(null)", "nil", "None", "NaN",
    "Infinity", "-Infinity", "INF", "true", "FALSE", "0", "1", "-1", "1.00",

    "$1.00", "1/2", "1E2", "1E+02", "-1E-02", "0x0", "0xffffffff", "08", "1,000", "1 000", "９", "1-2-3", "2026/13/45", "#REF!", "#N/A",
    "CON", "PRN", "AUX", "NUL", "COM1", "_x0041_", "_x005F_", "_x000D_", "&amp;", "&#60;", "<![CDATA[x]]>", "]]>", "<?xml?>", "<!--", "-->",
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "javascript:alert(1)",
    "{{7*7}}", "{% debug %}", "${7*7}", "#{7}", "%s%n", "%d",
    "' OR '1'='1", "1; DROP TABLE x", "\\", "\\\\", "\\n", "\\u0000", "/dev/null; touch x",
    "$(touch x)", "`touch x`", "../../etc/passwd",
    "C:\\x", "file:///etc/passwd", "http://127.0.0.1/", "a" * 300, "长" * 200, " 前后 ",
    "  两格  ", "a\tb", "一\n二", "一\r\n二", "\"引\"号\"", "'撇",
    "a,b;c|d", "，；", "\u3000全角空格\u3000", "\xa0不断空格\xa0", "\u2028行", "\u0085行",
]  # fmt: skip
NAUGHTY = [*dict.fromkeys([*FORMULAS, *CHARACTERS, *WORDS])]
