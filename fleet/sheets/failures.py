"""What is told where an import fails, or goes back, as a whole."""

from typing import Any, Final

CHANGED_MEANWHILE: Final[dict[str, Any]] = {
    "code": "import_changed_meanwhile",
    "en": "what is there has changed, and not all rows are good any more: look at them again",
    "zh": "系统中的数据已变化，部分行不再符合，请重新查看后再导入",
}
DAMAGED: Final[dict[str, Any]] = {
    "code": "import_file_damaged",
    "en": "the file that was kept is missing or damaged; send it again",
    "zh": "保存的文件缺失或已损坏，请重新上传",
}
TOO_MUCH_MEMORY: Final[dict[str, Any]] = {
    "code": "import_too_large",
    "en": "the sheet takes more memory than is allowed; split it",
    "zh": "表格占用内存超过限制，请拆分后上传",
}
DIED: Final[dict[str, Any]] = {
    "code": "import_worker_died",
    "en": "the process that read the sheet ended twice in the midst of it: it may be too large",
    "zh": "读取表格的进程两次中断，表格可能过大，请拆分后重试",
}
TOOK_TOO_LONG: Final[dict[str, Any]] = {
    "code": "import_took_too_long",
    "en": "the sheet took longer than is allowed; split it",
    "zh": "处理表格超过时限，请拆分后上传",
}
NOT_STORABLE: Final[dict[str, Any]] = {
    "code": "import_not_storable",
    "en": "the database refused a row; nothing was written",
    "zh": "数据库拒绝了某一行，未写入任何数据",
}
