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


class TableReasonMissing(Refusal):
    """Who changes the table of outcomes, or takes a version back, says why."""

    code, message, http = "MAT-05", "请写明为什么要改，以后查起来看得到。", 422


class NoSuchTable(Refusal):
    """There is no such version of the table."""

    code, message, http = "MAT-06", "没有这一版结论表。请回到列表里选一版。", 404


class OwnTable(Refusal):
    """Another person than the maker of a version puts it in force (four eyes)."""

    code, message = "MAT-07", "这一版是您自己改的，要请另一位同事启用。"


class TableMoved(Refusal):
    """A version is no draft any more, or somebody made or changed one at the same moment."""

    code, message = "MAT-08", "这一版刚被别人动过，现在是“{state}”。请刷新后再看。"


class CodeUnknown(Refusal):
    """A code has a digit for each attribute, each one of its levels, and a verdict is one of four."""

    code, message, http = "MAT-09", "“{what}”不在对照代码或结论里。请从列表里选。", 422


class BoundsWrong(Refusal):
    """Probabilities lie between 0 and 1, and that for “the same child” not below that for a look."""

    code, message, http = "MAT-10", "界限要在 0 和 1 之间，“同一幼儿”的不能低于“待核”的。请改好再存。", 422


class TableUnchanged(Refusal):
    """A new version says the same as the one in force."""

    code, message, http = "MAT-11", "这和在用的一版没有差别。请先改一处。", 422
