"""Out of office: the refusals of a block, and how long its note may be."""

from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _

NOTE_LIMIT = 500
"""Characters of the private note on a block."""


class NoteForBlockTooLong(Refusal):
    kind = Kind.BAD_INPUT
    code = "block_note_too_long"
    sentence = _("The note is too long; {limit} characters fit. Nothing was blocked yet; please shorten it.")
    field = "note"


class BlockGone(Refusal):
    kind = Kind.NOT_FOUND
    code = "block_gone"
    sentence = _("This time off was already removed. Nothing was changed.")
