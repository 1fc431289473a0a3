"""Reads the safety rules of data/coach/safety, so that a broken one is found at its line and not in a conversation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from bot.content.safety_models import (
    KINDS,
    Answers,
    Asked,
    KindName,
    ListFile,
    QuestionFile,
    RemarkFile,
    Rule,
    RuleBook,
    RuleFile,
    Spelling,
)
from bot.content.safety_phrases import (
    Canceller,
    Phrase,
    PhraseError,
    listed_names,
    read_canceller,
    read_phrase,
)
from bot.content.source import Source, read

__all__ = ["RuleBook", "check_examples", "load"]

FiredRules = Callable[[str], frozenset[str]]


def load(folder: Path, trial: Callable[[RuleBook], FiredRules] | None = None) -> RuleBook:
    """Read every rule, list and question of the folder.

    Args:
        folder: data/coach/safety or a copy of it.
        trial: makes, from the book, the function text -> ids of the rules that fire on it. Given, every example is
            tried with it (`bot.safety.screen.fired_rules` is the one; content stands below safety, so it is handed in).

    Raises:
        ContentError: names file and line of a broken phrase, an unknown list, a doubled id or an example that fails.
    """
    lists_source = read(folder / "lists.yml")
    listed = lists_source.parse(ListFile)
    lists = {
        name: tuple(_phrase(lists_source, ("lists", name), entry) for entry in entries)
        for name, entries in listed.lists.items()
    }
    shared = {
        name: tuple(_canceller(lists_source, ("unless", name, i), entry, lists) for i, entry in enumerate(entries))
        for name, entries in listed.unless.items()
    }
    for name, phrases in lists.items():
        _check_lists(lists_source, ("lists", name), phrases, lists)
    rules = [rule for kind in KINDS for rule in _rules(folder / f"{kind}.yml", kind, RuleFile, lists, shared)]
    remarks = _rules(folder / "remarks.yml", "other_person", RemarkFile, lists, shared)  # the kind is not looked at
    _refuse_doubles([*rules, *remarks])
    questions, answers = _questions(read(folder / "questions.yml"), lists)
    spelling = read(folder / "spelling.yml").parse(Spelling)
    book = RuleBook(tuple(rules), lists, spelling, questions, answers, tuple(remarks))
    if trial is not None:
        for one in (book, replace(book, rules=book.remarks)):
            check_examples(one, trial(one))
    return book


def check_examples(book: RuleBook, fired: FiredRules) -> None:
    """Try every rule on its own examples.

    Raises:
        ContentError: the first example that a rule should catch and does not, or catches and should not.
    """
    for rule in book.rules:
        for wanted, texts in ((True, rule.holds), (False, rule.against)):
            for text in texts:
                if (rule.id in fired(text)) is not wanted:
                    what = "does not catch" if wanted else "catches"
                    raise read(rule.file).error(
                        _rule_path(rule), f'{rule.id} {what} its example "{text}": mend the phrase or the example'
                    )


def _rule_path(rule: Rule) -> tuple[str | int, ...]:
    data = read(rule.file).data["rules"]
    return ("rules", next(i for i, entry in enumerate(data) if entry["id"] == rule.id), "examples")


def _rules(
    file: Path,
    kind: KindName,
    form: type[RuleFile] | type[RemarkFile],
    lists: dict[str, tuple[Phrase, ...]],
    shared: dict[str, tuple[Canceller, ...]],
) -> list[Rule]:
    source = read(file)
    parsed = source.parse(form)
    out = []
    for i, text in enumerate(parsed.rules):
        path: tuple[str | int, ...] = ("rules", i)
        says = tuple(_phrase(source, (*path, "says", j), line) for j, line in enumerate(text.says))
        _check_lists(source, (*path, "says"), says, lists)
        common = [entry for entry in parsed.unless if entry.lstrip("@") not in text.even_if]
        unless = _unless(source, ("unless",), common, lists, shared)
        unless += _unless(source, (*path, "unless"), text.unless, lists, shared)
        examples = (tuple(text.examples.holds), tuple(text.examples.against))
        out.append(Rule(text.id, text.tier, kind, text.why, says, unless, *examples, file, source.line(path)))
    return out


def _unless(
    source: Source,
    path: tuple[str | int, ...],
    entries: Sequence[str],
    lists: dict[str, tuple[Phrase, ...]],
    shared: dict[str, tuple[Canceller, ...]],
) -> tuple[Canceller, ...]:
    out: list[Canceller] = []
    for i, entry in enumerate(entries):
        if not entry.startswith("@"):
            out.append(_canceller(source, (*path, i), entry, lists))
        elif entry[1:] in shared:
            out.extend(shared[entry[1:]])
        else:
            raise source.error((*path, i), f'no group "{entry}" under unless: in lists.yml; it has {", ".join(shared)}')
    return tuple(out)


def _phrase(source: Source, path: tuple[str | int, ...], text: str) -> Phrase:
    try:
        return read_phrase(text)
    except PhraseError as error:
        raise source.error(path, str(error)) from None


def _canceller(
    source: Source, path: tuple[str | int, ...], text: str, lists: dict[str, tuple[Phrase, ...]]
) -> Canceller:
    try:
        canceller = read_canceller(text)
    except PhraseError as error:
        raise source.error(path, str(error)) from None
    for sequence in (canceller.before, canceller.after, canceller.anywhere):
        _known(source, path, listed_names(sequence), lists)
    return canceller


def _check_lists(
    source: Source, path: tuple[str | int, ...], phrases: Sequence[Phrase], lists: dict[str, tuple[Phrase, ...]]
) -> None:
    for i, phrase in enumerate(phrases):
        for sequence in phrase.together:
            _known(source, (*path, i), listed_names(sequence), lists)


def _known(
    source: Source, path: tuple[str | int, ...], names: Sequence[str], lists: dict[str, tuple[Phrase, ...]]
) -> None:
    for name in names:
        if name not in lists:
            raise source.error(path, f'no list "${name}" in lists.yml: add it there or write one of its names')


def _refuse_doubles(rules: Sequence[Rule]) -> None:
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise read(rule.file).error(_rule_path(rule)[:2], f'"{rule.id}" is used twice: give each rule its own id')
        seen.add(rule.id)


def _questions(source: Source, lists: dict[str, tuple[Phrase, ...]]) -> tuple[tuple[Asked, ...], Answers]:
    parsed = source.parse(QuestionFile)

    def phrases(path: tuple[str | int, ...], lines: Sequence[str]) -> tuple[Phrase, ...]:
        out = tuple(_phrase(source, (*path, i), line) for i, line in enumerate(lines))
        _check_lists(source, path, out, lists)
        return out

    questions = tuple(
        Asked(
            q.id,
            q.kind,
            (q.id, *q.ids),
            phrases(("questions", i, "asks"), q.asks),
            q.yes,
            q.no,
            q.unclear,
            q.only_after_risk,
        )
        for i, q in enumerate(parsed.questions)
    )
    answers = Answers(
        phrases(("yes",), parsed.yes), phrases(("no",), parsed.no),
        phrases(("not_a_clear_no",), parsed.not_a_clear_no), phrases(("all_of_it",), parsed.all_of_it),
        phrases(("about_medicine",), parsed.about_medicine),
    )  # fmt: skip
    return questions, answers
