"""What the vault refuses, and with which words. None of these carries a value or a key."""

from miaoce.registry.refusals import Refusal


class KeyMissing(Refusal):
    """A subject has no data key: it was never given one, or its values were erased."""

    code = "VLT-01"
    message = "有 {count} 份资料的密钥已不在，里面的内容读不出来。"
    http = 410


class ValueTampered(Refusal):
    """A stored value is not what was sealed in this place: changed, moved, or sealed for somebody else."""

    code = "VLT-02"
    message = "这一项保存的内容被改动过，暂时不能显示。已经记录，等信息中心核对。"
    http = 500


class WrappedKeyTampered(Refusal):
    """A data key does not open under the key that it names: another register's key file, or a changed row."""

    code = "VLT-03"
    message = "密钥文件和数据库不是一套，第 {version} 版密钥打不开已存的资料。请换回原来的密钥文件。"
    http = 500


class KeysAbsent(Refusal):
    """There is neither a key file nor keys in the environment."""

    code = "VLT-04"
    message = "找不到密钥文件。新装的系统请先运行 miaoce database prepare；已有数据的系统请放回备份的密钥文件。"
    http = 500


class KeysUnreadable(Refusal):
    """The key file or MIAOCE_KEYS is not what this version writes."""

    code = "VLT-05"
    message = "密钥读不懂：{why}。请换回备份的密钥文件。"
    http = 500


class KeysExposed(Refusal):
    """Others than the owner may read the key file."""

    code = "VLT-06"
    message = "密钥文件别人也能读（权限 {mode}）。请把它的权限改成 600。"
    http = 500


class KeysFixed(Refusal):
    """Keys from the environment cannot be changed from inside."""

    code = "VLT-07"
    message = "密钥来自环境变量 MIAOCE_KEYS，系统改不了。请在环境变量里加上新一版密钥，再运行一次。"


class KeyVersionUnknown(Refusal):
    """A data key names a version that the key file does not hold."""

    code = "VLT-08"
    message = "密钥文件里没有第 {version} 版密钥。请换上最新的密钥文件。"
    http = 500


class KeyVersionRetired(Refusal):
    """A data key names a version below the minimum, as after restoring an old backup."""

    code = "VLT-09"
    message = "第 {version} 版密钥已停用。如果刚恢复了旧备份，请先运行 miaoce keys rotate。"
    http = 500


class VersionInUse(Refusal):
    """A version cannot be retired while rows are on it or on an older one."""

    code = "VLT-10"
    message = "还有 {rows} 份资料用第 {version} 版或更早的密钥，不能停用。请先运行 miaoce keys rotate。"


class VersionIsCurrent(Refusal):
    """The version that new rows are wrapped with, or one that does not exist yet, cannot be retired."""

    code = "VLT-11"
    message = "第 {version} 版不能停用，现在用的是第 {current} 版。"


def must_be_retirable(*, version: int, current: int) -> None:
    """Refuse (VLT-11) to retire the version in use or one to come."""
    if not 1 <= version < current:
        raise VersionIsCurrent(version=version, current=current)


def must_be_unused(*, version: int, rows: int) -> None:
    """Refuse (VLT-10) to retire a version while rows are on it or on an older one."""
    if rows:
        raise VersionInUse(version=version, rows=rows)
