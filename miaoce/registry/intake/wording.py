"""Every sentence of intake: what is wrong, why if known, how to mend it. No blame, no jargon, no code numbers."""

FILE_MESSAGES: dict[str, str] = {
    "no_bytes": "文件里一个字也没有，多半是没保存好。请打开原表另存一份再传。",
    "empty": "表里没有内容。请看看是不是选错了文件。",
    "only_pictures": "表里只有图片，没有文字。请把名单打成文字再传，也可以直接粘贴。",
    "macros_only": "文件里只有宏，没有名单。请把名单复制到新表里，另存为 xlsx 再传。",
    "encrypted": "这个文件打不开，像是加了密码。请去掉密码再传。",
    "corrupt": "文件不完整，多半是传输时断了。请从原来的电脑再复制一份。",
    "large": "文件有 {megabytes} MB，多半带了照片。请删掉图片，只留文字。",
    "many_rows": "一个文件最多读 {rows} 行。请按班级分成几个文件再传。",
    "many_columns": "表格超过 {columns} 列，右边多半有零散的内容。请删掉右边的空列再传。",
    "far_cell": "第 {row} 行还有一个离名单很远的格子。请删掉名单下面和右边的空行空列再传。",
    "bomb": "文件展开后大得不正常，没有打开。请把名单复制到新表里，另存为 xlsx 再传。",
    "bomb_entries": "文件里夹带了 {entries} 个部件，没有打开。请把名单复制到新表里再传。",
    "long_cell": "有一格的文字太长，不像名单。请把名单复制到新表里再传。",
    "declaration": "文件里夹带了不该有的声明，没有打开。请用 Excel 或 WPS 另存为 xlsx 再传。",
    "slow": "文件读了很久也没读完，已停下。请把名单复制到新表里，另存为 xlsx 再传。",
    "not_a_table": "这不像表格文件。请传 xlsx、xls 或 csv，也可以把名单直接粘贴进来。",
    "office_other": "这是文档或幻灯片，不是表格。请把名单放进 Excel 或 WPS 表格再传。",
    "archive_other": "这是压缩包，不是表格。请先解压，再传里面的表格。",
    "no_header": "没找到表头。请让一行写上姓名、证件号码等列名，或告诉我们每一列是什么。",
    "beside": "“{sheet}”里左右并排放了两份名单。请把右边那份移到左边那份的下面，再传一次。",
    "sideways": "这张表是横着的：一名幼儿占了一列。请在 Excel 里复制，“选择性粘贴”时勾选“转置”，再传。",
    "no_rows": "只有表头，下面没有幼儿。请看看是不是选错了文件。",
}
"""Sentences about a file as a whole."""

ROW_MESSAGES: dict[str, str] = {
    "name_missing": "没填姓名。请照户口簿填上。",
    "name_hidden": "姓名里有看不见的字符，多半是复制时带来的。请采用建议的写法，或重新填。",
    "name_lost": "姓名里有一个字没显示出来（{what}）。请照户口簿补上，生僻字也可以填。",
    "name_digit": "姓名里有数字“{what}”。请照户口簿填；同名的幼儿不用加数字。",
    "name_brackets": "姓名里有括号。请只填户口簿上的姓名，说明写到备注里。",
    "name_strange": "姓名里有“{what}”，户口簿上没有这样的字。请照户口簿改。",
    "name_long": "姓名有 {have} 个字，最多 50 个。请看看是不是几格并在一起了。",
    "name_private": "姓名里有自造字，换台电脑可能看不见。可以提交，之后会请您换成标准字。",
    "name_mixed": "姓名里汉字和字母混着写。户口簿上就是这样的话，不用改。",
    "name_dot": "姓名中间的点没有换成“·”，照原样保留。",
    "formula": "这一格是公式，不是文字。请改成直接填写的内容。",
    "formula_error": "这一格是公式，没有算出结果（{what}）。请改成直接填写的内容。",
    "formula_left": "这一格是公式，没有算出结果（{what}），没有收进来。可以直接填写内容。",
    "sex_missing": "没填性别。请填男或女。",
    "sex_unknown": "没认出性别“{what}”。请填男或女。",
    "sex_mismatch": "性别填“{given}”，但证件号第 17 位表示“{shown}”。请对照户口簿改其中一个。",
    "birth_missing": "没填出生日期。请照户口簿或出生证填上。",
    "birth_no_such_day": "{month} 月没有 {day} 日。请对照户口簿改。",
    "birth_no_such_day_known": "{month} 月没有 {day} 日。证件号里的生日是 {known}，可以改成这个。",
    "birth_no_such_month": "一年里没有 {month} 月。请对照户口簿改。",
    "birth_no_such_month_known": "一年里没有 {month} 月。证件号里的生日是 {known}，可以改成这个。",
    "birth_no_day": "出生日期只有年月，缺了日。请照户口簿补上。",
    "birth_lunar": "出生日期像是农历。请换成公历，照户口簿填。",
    "birth_either": "出生日期“{what}”分不清哪个是月、哪个是日。请写成 2023-01-05 这样。",
    "birth_unreadable": "没认出出生日期“{what}”。请写成 2023-01-05 这样。",
    "birth_future": "出生日期 {what} 还没到。请看看年份是不是抄错了。",
    "birth_mismatch": "出生日期和证件号里的生日 {known} 不一样。请对照户口簿改其中一个。",
    "birth_in_number": "证件号里的生日“{what}”不存在，多半是抄错了。请对照户口簿逐位核对。",
    "age_too_young": "到今天还不满 2 周岁，太小不能登记。请核对出生日期。",
    "age_under_3": "到 9 月 1 日还差 {left}满 3 周岁。可以登记，按“2–3 岁参照管理”。",
    "age_school": "到 9 月 1 日已满 6 周岁。如果还在园，可以提交。",
    "age_too_old": "到 9 月 1 日已满 {years} 周岁，超过在园年龄。请核对出生日期。",
    "id_missing": "没填证件号。没有证件的，请把证件类型选成“暂无证件”。",
    "id_missing_of": "选了{kind}，但没填号码。请照证件补上。",
    "id_short": "身份证号只有 {have} 位，少了 {by} 位。请对照户口簿补上。",
    "id_long": "身份证号有 {have} 位，多了 {by} 位。请对照户口簿改。",
    "id_characters": "身份证号里有“{what}”，不是数字。请对照户口簿改。",
    "id_masked": "证件号被星号遮住了。请填完整的号码。",
    "id_checksum": "证件号最后一位和前面对不上，多半是抄错了一位。请对照户口簿逐位核对。",
    "id_region": "没有哪个区县的代码是 {what}，证件号前六位多半抄错了。请对照户口簿核对。",
    "id_region_hmt": "号码开头是 {what}，像港澳台居民居住证。请改证件类型。",
    "id_region_not_hmt": "港澳台居民居住证的号码以 81、82 或 83 开头。请核对号码和证件类型。",
    "id_damaged": "Excel 把证件号后三位变成了 000。请把这一列设成“文本”，再补填这几位；也可以直接在这里改。",
    "id_format": "这不像{kind}的号码。请对照证件核对号码和证件类型。",
    "id_type_unknown": "没认出证件类型“{what}”。请从列表里选一种。",
    "id_type_guess": "没认出这个号码是什么证件。请选上证件类型。",
    "id_type_not_needed": "选了“暂无证件”，但填了号码。有证件的请改证件类型。",
    "ethnicity_missing": "没填民族。请照户口簿填上。",
    "ethnicity_unknown": "民族里没有“{what}”。请从列表里选。",
    "ethnicity_slip": "民族里没有“{what}”。多半是“{near}”打错了一个字。",
    "class_missing": "没填班级。请填本园的班级名称。",
    "class_unknown": "本园没有“{what}”。请从本园的班级里选。",
    "class_slip": "本园没有“{what}”。多半是“{near}”打错了一个字。",
    "class_which": "“{what}”有几个：{names}。请写明是哪一个。",
    "class_over": "{name}已有 {count} 名，超过班额 {norm} 名。可以提交，县里会看到。",
    "guardian_missing": "没填监护人。请填一位监护人的姓名、关系和手机号。",
    "guardian_name_missing": "没填监护人姓名。请补上。",
    "relation_missing": "没填监护人与幼儿的关系。请补上，例如父亲、母亲。",
    "relation_unknown": "没认出与幼儿的关系“{what}”。请从列表里选。",
    "relation_slip": "没认出与幼儿的关系“{what}”。多半是“{near}”打错了一个字。",
    "phone_missing": "没填监护人手机号。没有手机可填家里另一位监护人的。",
    "phone_short": "手机号只有 {have} 位，少了 {by} 位。请向家长核对。",
    "phone_long": "手机号有 {have} 位，多了 {by} 位。请向家长核对。",
    "phone_damaged": "Excel 把手机号变成了“{what}”。请把这一列设成“文本”再填，也可以直接在这里改。",
    "phone_unreadable": "这不像手机号。请填 11 位手机号。",
    "phone_start": "没有以 {what} 开头的手机号。请向家长核对。",
    "phone_landline": "这是固定电话，收不到短信。有手机的话请补上手机号。",
    "phone_foreign": "这是境外号码，可能收不到短信。有境内手机的话请补上。",
    "phone_two": "一格里有两个电话，用了前一个。后一个请填到第二位监护人。",
    "phone_shared": "这个手机号在表里出现了 {count} 次。请看看是不是填成了老师的。",
    "second_guardian": "第二位监护人没有填全。不影响提交，补全更好。",
    "guardian_id": "监护人的证件号不对，没有收进来。请对照证件核对。",
    "entry_missing": "没填入园日期。建籍期限从入园算起；不填就按提交那天算。",
    "entry_unreadable": "没认出入园日期“{what}”。请写成 2026-09-01 这样。",
    "entry_before_birth": "入园日期在出生日期前面。请改其中一个。",
    "entry_far": "入园日期 {what} 离现在太远。请看看年份是不是抄错了。",
    "region_unknown": "没认出户籍地“{what}”。请写到县（区），例如某省某市某县。",
    "region_other": "没认出出生地“{what}”，没有收进来。可以写到县（区）。",
    "nationality_unknown": "没认出国籍“{what}”。请从列表里选。",
    "optional_unknown": "没认出{label}“{what}”，没有收进来。可以从列表里选。",
    "care_unknown": "没认出{label}写的是什么，没有收进来。可以从列表里选。",
    "tidy_undone": "已恢复成原来写的样子，这样还不能用。请改好，或改回整理后的写法。",
    "same_child": "和{where}是同一名幼儿。请看看是不是重复填了。",
    "same_child_no_id": "和{where}姓名、性别、生日都一样。请看看是不是同一名幼儿。",
    "same_id": "证件号和{where}的{name}一样。请对照户口簿核对两名幼儿的号码。",
    "same_name": "和{where}同名同生日，但证件号不同。不是同一名的话不用改。",
    "twins": "和{where}的{name}同一天出生、同一位监护人，像双胞胎。不用改。",
    "total_line": "这一行是合计，没有读。",
    "signature_line": "这一行是签字或落款，没有读。",
    "note_line": "这一行是说明文字，没有读。",
    "example_row": "这一行是示例，没有读。",
    "error_line": "这一行只有算不出结果的公式，没有幼儿，没有读。",
    "number_only": "这一行只有序号，没有幼儿，没有读。",
    "heading_again": "这一行又是表头，没有读。",
    "guardian_line": "这一行是{where}那名幼儿的另一位监护人，已并到那一行。",
    "guardian_third": "这一行是{where}那名幼儿的又一位监护人，那一行已有两位，没有收进来。",
    "class_line": "这一行是班级名称，下面的幼儿按“{name}”读。",
}
"""Sentences about a row."""
_LONGEST_SHEET = 16


def file_message(key: str, **facts: object) -> str:
    """Return the sentence about a file."""
    return FILE_MESSAGES[key].format(**facts)


def say(key: str, **facts: object) -> str:
    """Return the sentence about a row; long quotations are shortened, so that it stays readable."""
    return ROW_MESSAGES[key].format(**{k: v if k == "where" else _short(v) for k, v in facts.items()})


def where(number: int, sheet: str = "") -> str:
    """Return how people find a row: by its number, and by its sheet where the book has several."""
    if not sheet:
        return f"第 {number} 行"
    return f"“{sheet if len(sheet) <= _LONGEST_SHEET else sheet[: _LONGEST_SHEET - 1] + '…'}”第 {number} 行"


def _short(value: object) -> object:
    if not isinstance(value, str) or len(value) <= 20:
        return value
    return value[:18] + "…"
