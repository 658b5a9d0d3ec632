"""The one registry of what is asked about a child. Parser, template, help page, form and problem strip all read it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """One thing asked about a child.

    `key` is the name in the intake contract; `label` what people read; `kind` is text, name, date, code, document,
    phone, region, class or yes_no; `required` means of every row (`help` says when not); `aliases` are further headings
    with this meaning; `code_list` is a list of the codebook; `sensitive` values are stored sealed; columns with
    `in_template` stand in the downloadable template with `width` characters. A place stands there in three columns, `steps`
    (province, city, county); a sheet may have those or one.
    """

    key: str
    label: str
    kind: str = "text"
    required: bool = False
    aliases: tuple[str, ...] = ()
    code_list: str | None = None
    sensitive: bool = False
    in_template: bool = True
    steps: tuple[str, ...] = ()
    width: int = 12
    example: str = ""
    help: str = ""


def _also(words: str) -> tuple[str, ...]:
    return tuple(words.split())


# fmt: off
_CHILD = (
    Field("name", "姓名", "name", True, _also("幼儿姓名 孩子姓名 学生姓名"), example="示例：张小苗", width=14,
          help="与户口簿一致。少数民族姓名中间用“·”。"),
    Field("former_name", "曾用名", "name", aliases=_also("曾用姓名 原名 别名"), help="户口簿上有才填。"),
    Field("sex", "性别", "code", True, _also("幼儿性别"), "sex", example="女", width=6,
          help="男或女。有身份证号时可以不填。"),
    Field("birth_date", "出生日期", "date", True, _also("出生年月日 出生年月 生日"), example="2023-03-15", width=13,
          help="写成 2023-03-15。有身份证号时可以不填。"),
    Field("id_type", "证件类型", "document", True, _also("证件种类 身份证件类型"), "document", example="居民身份证",
          width=20, help="从下拉表里选。没有证件的幼儿选“暂无证件”。"),
    Field("id_number", "证件号码", "text", True, _also("身份证号 身份证号码 公民身份号码"), sensitive=True, width=22,
          example="990101202303150027", help="请按文本格式填，否则 Excel 会把后三位变成 000。暂无证件时留空。"),
    Field("birth_certificate_number", "出生医学证明编号", aliases=_also("出生证编号 出生证明号 出生医学证明号"),
          sensitive=True, in_template=False, width=18, help="暂无证件的幼儿填，1 个字母加 9 位数字。"),
    Field("nationality", "国籍/地区", "code", aliases=_also("国籍 国家地区 国别"), code_list="country",
          example="中国", width=10, help="不填按中国读。"),
    Field("ethnicity", "民族", "code", True, _also("族别 民族成份 民族成分"), "ethnicity", example="汉族", width=10,
          help="从下拉表里选。外国籍幼儿不填。"),
    Field("hukou_region", "户口所在地", "region",
          aliases=_also("户籍所在地 户籍地 户口地址 户籍地址 户籍 户口 户口所在县区"),
          example="云川省青江市青禾区", steps=("户口所在省", "户口所在市", "户口所在区县"), width=18,
          help="模板里分三列，依次选省、市、区县。自己的表里也可以写在一列：省、市、县的名称，或六位代码。"),
    Field("hukou_kind", "户口性质", "code", aliases=_also("户籍性质 户口类型 户口类别 户籍类型"),
          code_list="hukou_kind", in_template=False, help="农业户口或非农业户口。"),
    Field("birth_region", "出生地", "region", aliases=_also("出生所在地 出生地点"), in_template=False, width=26,
          help="写到县（区）。"),
    Field("address", "现住址", sensitive=True, width=30, example="云川省青江市青禾区禾苗路1号",
          aliases=_also("家庭住址 住址 家庭地址 居住地址 现居住地 地址 常住地址 现居住地址 家庭详细地址 "
                        "详细地址 居住地 家庭现住址 通信地址 通讯地址"), help="现在住的地方，写到门牌号。"),
    Field("health", "健康状况", "code", aliases=_also("身体状况 健康情况 身体健康状况"), code_list="health",
          example="健康或良好", help="从下拉表里选。"),
    Field("only_child", "是否独生子女", "yes_no", aliases=_also("独生子女 是否独生"), code_list="yes_no",
          example="是", help="是或否。"),
    Field("left_behind", "是否留守儿童", "yes_no", aliases=_also("留守儿童 是否留守 留守 留守幼儿 是否留守幼儿"),
          code_list="yes_no", in_template=False, help="父母外出三个月以上填“是”。"),
    Field("migrant", "是否随迁子女", "yes_no",
          aliases=_also("随迁子女 是否进城务工人员随迁子女 进城务工人员随迁子女 是否随迁"),
          code_list="yes_no", in_template=False, help="是或否。"),
    Field("orphan", "是否孤儿", "yes_no", aliases=_also("孤儿"), code_list="yes_no", in_template=False,
          help="是或否。"),
    Field("disability", "残疾类型", "code",
          aliases=_also("是否残疾 残疾 残疾类别 残疾幼儿类型 是否残疾幼儿 是否残疾儿童"),
          code_list="disability", in_template=False, help="没有残疾不填。"),
    Field("boarding", "就读方式", "code", aliases=_also("住宿方式 是否寄宿 是否住宿 走读寄宿 入托方式"),
          code_list="boarding", example="走读", help="走读或寄宿。"),
    Field("entry_date", "入园日期", "date",
          aliases=_also("入园时间 入园年月 入学日期 入学时间 入园年月日 入学年月 来园日期"),
          example="2026-09-01", width=13, help="写成 2026-09-01。"),
    Field("entry_kind", "入园方式", "code", aliases=_also("入学方式 入园类型"), code_list="entry_kind",
          in_template=False, help="例如：新入园、转入。"),
    Field("class", "班级", "class", True, example="小一班", width=10, help="本园的班级名称，从下拉表里选。",
          aliases=_also("班别 班 班级名称 所在班级 就读班级 所属班级 所在班 入读班级 分班 班次 编班")),
)


def _guardian(n: int) -> tuple[Field, ...]:
    first = n == 1
    whose, who = ("监护人", "监护人") if first else ("第二位监护人", "第二位监护人（可不填）")
    return (
        Field(f"guardian{n}_name", f"{whose}姓名", "name", first, example="张大山" if first else "",
              help=f"{who}的姓名。"),
        Field(f"guardian{n}_relation", f"{whose}与幼儿关系", "code", first, code_list="relation", width=16,
              example="父亲" if first else "", help="父亲、母亲、祖父、外祖母等，从下拉表里选。"),
        Field(f"guardian{n}_id_type", f"{whose}证件类型", "document", code_list="document", in_template=False,
              help="不填时，18 位的号码按居民身份证读。"),
        Field(f"guardian{n}_id_number", f"{whose}证件号码", sensitive=True, width=22,
              help="幼儿没有证件时请填，便于核对。请按文本格式填。"),
        Field(f"guardian{n}_phone", f"{whose}手机号码", "phone", first, sensitive=True, width=15,
              example="13800000000" if first else "", help="11 位手机号。两位监护人里有一位写全就可以。"),
    )


FIELDS: tuple[Field, ...] = (
    *_CHILD,
    *_guardian(1),
    *_guardian(2),
    Field("remark", "备注", aliases=_also("附注"), width=20, example="此行为示例，上传时不读", help="其他要说明的。"),
)
# fmt: on
"""All fields in the order of the template. `birth_certificate_number` goes beyond the contract's names."""

FIELD: dict[str, Field] = {f.key: f for f in FIELDS}
"""Fields by key."""

CARE = frozenset({"health", "disability"})
"""Fields that only a role with child:care is shown (ux.md §7); nothing about them is told to the county."""

GRADE = "grade"
"""Meaning of a column that tells the age group of a class (年级); it only helps to understand the class."""

FREE_TEXTS = frozenset({"name", "former_name", "address", "remark", "guardian1_name", "guardian2_name"})
"""Fields that can stay as they were written: texts of a person's own. Codes, dates and numbers have one form that can be
used; with their tidying undone they wait to be mended."""


def label(key: str | None) -> str:
    """Return what people call a field."""
    if key is None:
        return "这一行"
    field = FIELD.get(key)
    return key if field is None else field.label
