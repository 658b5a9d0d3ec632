"""Logs as JSON lines on standard error. They carry identifiers, codes and counts; never a name, number, phone or address."""

import logging

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
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )


def logger(name: str) -> logging.Logger:
    """Return the logger of a module."""
    return logging.getLogger(name)
