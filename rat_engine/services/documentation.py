"""Use cases of a table's documentation. It lives in the files of the table's pipeline, so that it travels with `rat export` and `rat apply`."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from rat_engine.compile import Compilation, annotated, compile_pipeline, with_docs, with_settings
from rat_engine.domain.access import Action, Actor
from rat_engine.domain.documentation import OWNER, TAGS, Documentation, DocumentationChange, TableDocumentation
from rat_engine.domain.event import EventKind, NewEvent
from rat_engine.domain.lake import LakeTable
from rat_engine.domain.names import TableName, nearest
from rat_engine.domain.pipeline import CONFIG_FILE, MAX_DESCRIPTION, TABLE_FILE, Pipeline, PipelineFiles
from rat_engine.errors import NotFoundError, StaleDocumentationError, ValidationError
from rat_engine.metadata import pipelines, published, versions
from rat_engine.metadata.database import Transaction
from rat_engine.services.base import Service, action, checked_length
from rat_engine.services.pipelines import compile_catalog, documentation_of, refuse_problems, save_files, store_facts

MAX_OWNER, MAX_TAG = 200, 63
RELEASE_MESSAGE = "Documentation"
_FILES = (TABLE_FILE, CONFIG_FILE)


@dataclass(frozen=True, slots=True)
class _Subject:
    """What is documented: the table where it is published, its pipeline, and the pipeline's released files; one of the first two is there."""

    table: LakeTable | None
    pipeline: Pipeline | None
    files: PipelineFiles


class DocumentationService(Service):
    """Descriptions of tables and columns, owners and tags."""

    @action(Action.TABLE_READ)
    def get(self, actor: Actor, table: TableName) -> TableDocumentation:
        """What is written about a table. Raises NotFoundError when there is neither a published table nor a pipeline."""
        with self._database.read() as connection:
            return _documentation(connection, table, _subject(connection, table))

    @action(Action.TABLE_WRITE)
    def change(self, actor: Actor, table: TableName, change: DocumentationChange, revision: str | None = None) -> TableDocumentation:
        """Write a table's documentation anew: readers see it at once, and the next publish keeps it.

        The released version's ``table.yaml`` (owner and tags: ``config.yaml``) is changed and released as the next version, the draft's in the
        same way, so that what else was edited there stays unreleased. Raises StaleDocumentationError with the present texts in its details when
        ``revision`` is given and outdated, CompileError when one of these files cannot be read, and ValidationError for a column that is not
        there and for what an annotation says.
        """
        change = _checked(change)
        with self._database.write() as transaction:
            subject = _subject(transaction.connection, table)
            before = _documentation(transaction.connection, table, subject)
            if revision is not None and revision != before.docs.revision:
                raise _stale(before)
            _refuse_unknown(subject, before, change)
            if before.docs.with_change(change).revision != before.docs.revision:
                _store(transaction, actor, subject, before, change)
            return _documentation(transaction.connection, table, _subject(transaction.connection, table))


def _subject(connection: Connection, table: TableName) -> _Subject:
    found = published.find_table(connection, table)
    pipeline = pipelines.find_pipeline(connection, table)
    if found is None and pipeline is None:
        raise NotFoundError(f"There is no table {table}. It appears when a run of its pipeline is published.")
    if pipeline is None:
        return _Subject(found, None, PipelineFiles({}))
    if pipeline.version is None:
        return _Subject(found, pipeline, pipelines.fetch_draft(connection, pipeline.id, table).files)
    return _Subject(found, pipeline, versions.fetch_version_files(connection, pipeline.id, pipeline.version))


def _documentation(connection: Connection, table: TableName, subject: _Subject) -> TableDocumentation:
    if subject.pipeline is None:
        assert subject.table is not None
        return TableDocumentation(table, _stored(subject.table))
    docs = documentation_of(compile_pipeline(table, subject.files, compile_catalog(connection)))
    locked = tuple(key for key in (OWNER, TAGS) if key in annotated(subject.files.source))
    number = subject.pipeline.version
    author = versions.fetch_version(connection, subject.pipeline.id, table, number).created_by if number is not None else ""
    return TableDocumentation(table, docs, locked, number, author)


def _stored(table: LakeTable) -> Documentation:
    return Documentation(table.description, {column.name: column.description for column in table.columns}, table.owner, table.tags)


def _store(transaction: Transaction, actor: Actor, subject: _Subject, before: TableDocumentation, change: DocumentationChange) -> None:
    table, docs = before.table, before.docs.with_change(change)
    if subject.pipeline is not None:
        _store_draft(transaction, actor, subject.pipeline, change)
        if subject.pipeline.version is not None:
            docs = _store_version(transaction, actor, subject.pipeline, _written(transaction.connection, table, subject.files, change))
    published.describe_table(transaction.connection, table, docs)
    transaction.record(NewEvent(EventKind.TABLE_DOCUMENTED, str(table), actor.name, table.namespace))


def _store_draft(transaction: Transaction, actor: Actor, pipeline: Pipeline, change: DocumentationChange) -> None:
    draft = pipelines.fetch_draft(transaction.connection, pipeline.id, pipeline.table)
    files = _written(transaction.connection, pipeline.table, draft.files, change)
    if files.texts != draft.files.texts:
        save_files(transaction, pipeline, files, draft.revision, actor)


def _store_version(transaction: Transaction, actor: Actor, pipeline: Pipeline, files: PipelineFiles) -> Documentation:
    table = pipeline.table
    number = versions.insert_version_files(transaction.connection, pipeline.id, files, RELEASE_MESSAGE, actor.name)
    compilation = _compiled(transaction.connection, table, files)
    store_facts(transaction.connection, pipeline.id, compilation)
    transaction.record(NewEvent(EventKind.PIPELINE_RELEASED, str(table), actor.name, table.namespace, {"version": number}))
    return documentation_of(compilation)


def _written(connection: Connection, table: TableName, files: PipelineFiles, change: DocumentationChange) -> PipelineFiles:
    """``files`` with ``change`` in them, and nothing else changed. Raises CompileError when a file that must be changed cannot be read."""
    before = documentation_of(_compiled(connection, table, files))
    after = before.with_change(change)
    texts = dict(files.texts)
    said = {name: text for name, text in change.columns.items() if text != before.columns.get(name, "")}
    description = None if after.description == before.description else after.description
    if said or description is not None:
        texts[TABLE_FILE] = with_docs(texts.get(TABLE_FILE, ""), description, said)
    settings = {key: value for key, value in ((OWNER, after.owner), (TAGS, list(after.tags))) if value != _setting(before, key)}
    # A file that had nothing and got nothing is not made.
    written = PipelineFiles({path: text for path, text in texts.items() if text or path in files.texts})
    return with_settings(written, settings) if settings else written


def _setting(docs: Documentation, key: str) -> str | list[str]:
    return docs.owner if key == OWNER else list(docs.tags)


def _compiled(connection: Connection, table: TableName, files: PipelineFiles) -> Compilation:
    compilation = compile_pipeline(table, files, compile_catalog(connection))
    refuse_problems(tuple(problem for problem in compilation.errors if problem.file in _FILES))
    return compilation


def _checked(change: DocumentationChange) -> DocumentationChange:
    """``change`` without spaces at the ends of its texts, tags in lower case and each once. Raises ValidationError for a text that is too long."""
    tags = None if change.tags is None else tuple(dict.fromkeys(tag.strip().lower() for tag in change.tags if tag.strip()))
    for tag in tags or ():
        checked_length(tag, MAX_TAG, "tag")
    columns = {name: checked_length(_normal(text), MAX_DESCRIPTION, f"description of {name[:60]}") for name, text in change.columns.items()}
    description = None if change.description is None else checked_length(_normal(change.description), MAX_DESCRIPTION, "description")
    owner = None if change.owner is None else checked_length(" ".join(change.owner.split()), MAX_OWNER, "owner")
    return DocumentationChange(description, columns, owner, tags)


def _normal(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines()).strip()


def _refuse_unknown(subject: _Subject, before: TableDocumentation, change: DocumentationChange) -> None:
    given = {OWNER: change.owner, TAGS: change.tags}
    for key in before.locked:
        if given[key] is not None and given[key] != getattr(before.docs, key):
            raise ValidationError(f"The annotation @{key} in pipeline.sql says the {key} of {before.table}, and it wins. Change it there.")
    if subject.table is None:
        return
    known = {column.name for column in subject.table.columns} | set(before.docs.columns)
    for name in change.columns:
        if name not in known:
            raise ValidationError(f"{before.table} has no column {name[:200]!r}. {nearest(name, known)}".rstrip())


def _stale(current: TableDocumentation) -> StaleDocumentationError:
    docs = current.docs
    details = {
        "revision": docs.revision,
        "description": docs.description,
        "columns": dict(docs.columns),
        "owner": docs.owner,
        "tags": list(docs.tags),
        "changed_by": current.changed_by,
    }
    who = current.changed_by or "somebody"
    return StaleDocumentationError(
        f"The documentation of {current.table} was changed by {who} since you read it. Compare the two and save again.", details=details
    )
