"""What can go wrong in the trade. Each message names the value and the way out; HTTP codes live at the edge."""


class CaseError(Exception):
    """Root of every error that the rules of the trade raise."""


class BadCalendar(CaseError):
    """Office hours or days that contradict themselves."""


class BadList(CaseError):
    """A list of matters, departments or units that contradicts itself."""


class BadGuide(BadList):
    """A guide whose steps cannot be read as a chart."""


class UnknownVersion(CaseError):
    """There is no version of the lists with this name."""


class UnknownMatter(CaseError):
    """No list of the region holds a matter with this code."""


class UnknownSource(CaseError):
    """The region does not know the source that reports."""


class UnknownDepartment(CaseError):
    """The region does not know the department, or it has no leg in this case."""


class NoSuchCase(CaseError):
    """There is no case with this number."""


class NoSuchResult(CaseError):
    """The case has no unified result, or none of this round."""


class NoSuchNotice(CaseError):
    """There is no notice with this id."""


class BadReport(CaseError):
    """A report that cannot be read as a case: a missing field, a text that is too long."""


class BadEvent(CaseError):
    """An event whose own data is incomplete or wrong, whatever the status."""


class BadSubject(CaseError):
    """A subject of inspection that cannot be: a credit code with a wrong character, a site without a name."""


class NoSuchSubject(CaseError):
    """Nobody has named an enterprise or site with this code."""


class BadWeights(CaseError):
    """Weights of an assessment that do not add up to 100 %."""


class BadPeriod(CaseError):
    """A period of assessment that is no month and no year, or has not begun."""


class BadJudgement(CaseError):
    """A rating or a consultation whose own data is incomplete or wrong."""


class UnknownUnit(CaseError):
    """The region stations no such unit in the period."""


class NoSuchConsultation(CaseError):
    """There is no question to the township with this number."""


class NotAllowed(CaseError):
    """The status of the case or leg does not allow this event.

    Attributes
    ----------
    allowed
        The event kinds that are allowed now.
    """

    def __init__(self, message: str, allowed: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.allowed = allowed


class FutureTime(CaseError):
    """An instant later than now plus the allowed skew."""


class BeforeOccurrence(CaseError):
    """An event that is said to have happened before the case itself did."""


class SourceConflict(CaseError):
    """The same (source, source_id) came again with another body.

    Attributes
    ----------
    number
        The case that holds the first body.
    """

    def __init__(self, message: str, number: str) -> None:
        super().__init__(message)
        self.number = number


class KeyConflict(CaseError):
    """The same idempotency key came again on the same case with another event."""


class Stale(CaseError):
    """Somebody else changed the case between reading and writing; the caller reads again."""
