"""What a roll to be matched must be (pure)."""

from miaoce.registry.refusals import Refusal


class RollUnreadable(Refusal):
    """The file is no CSV in UTF-8 with a heading."""

    code, message = "MAT-01", "读不出这份名单（{why}）。请另存为 UTF-8 编码的 CSV 后再试。"


class ColumnMissing(Refusal):
    """A column of the contract is not in the heading."""

    code, message = "MAT-02", "名单缺少这些列：{columns}。请补上列名，内容可以留空。"


class RecordTwice(Refusal):
    """Two rows bear the same record name, or one bears none, so a pair could not be named."""

    code, message = "MAT-03", "record 列有空的或重复的：{record}。请让每行有自己的编号。"


class PairUnknown(Refusal):
    """A file of labels names a record that the roll does not hold."""

    code, message = "MAT-04", "{file} 里的 {record} 不在名单中。请核对这两个文件是不是同一批。"
