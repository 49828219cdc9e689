"""Where an error came from, for the log: file names and lines, never its words, which may be a person's."""


def cause_of(error: BaseException) -> BaseException:
    """The first error itself, where several tasks failed as a group."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def place_of(error: BaseException) -> list[str]:
    """The innermost places that it passed, the outer ones first.

    >>> try:
    ...     int("Aino")
    ... except ValueError as error:
    ...     len(place_of(error)), any("Aino" in place for place in place_of(error))
    (1, False)
    """
    trace, places = error.__traceback__, []
    while trace is not None:
        places.append(f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}")
        trace = trace.tb_next
    return places[-6:]
