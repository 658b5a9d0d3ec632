"""Logs as JSON lines on standard error. They carry identifiers, codes and counts; never a name, number, phone or address."""

import logging
import traceback

import structlog


class JsonFormatter(structlog.stdlib.ProcessorFormatter):
    """Renders every record, ours and the libraries', as one JSON object."""

    def __init__(self) -> None:
        shared: list[structlog.typing.Processor] = [
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ]
        super().__init__(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.ExceptionRenderer(without_values),
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )


def without_values(exc_info: structlog.typing.ExcInfo) -> str:
    """Return an exception as kinds and places, without its message: a database puts the failing row, names and all, into it."""
    told: list[str] = []
    error: BaseException | None = exc_info[1]
    while error is not None and len(told) < 200:
        told += [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
        told.append(f"{type(error).__module__}.{type(error).__qualname__}")
        error = error.__cause__ or error.__context__
    return "\n".join(told)


def logger(name: str) -> logging.Logger:
    """Return the logger of a module."""
    return logging.getLogger(name)
