"""What DuckDB offers, pinned: whatever a new version adds, or lets a locked session do, shows up here and is read by somebody before it is let in."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from rat_engine.lakehouse.connection import Door, Reach, Session, parser
from rat_engine.lakehouse.scan import attach, table_relation
from rat_engine.query.functions import FILE_READERS, FUNCTIONS, TABLE_FUNCTIONS
from tests.engine.query.lake import Lake, make_lake

# Read, and refused on purpose: settings, catalog, sequences, sleeping, logging, SQL as text, raw bytes as values, the inside of the engine.
REFUSED = """
    __between __cast __internal_barrier __internal_compress_geometry_point __internal_compress_integral_ubigint __internal_compress_integral_uinteger
    __internal_compress_integral_usmallint __internal_compress_integral_utinyint __internal_compress_string_hugeint __internal_compress_string_ubigint
    __internal_compress_string_uhugeint __internal_compress_string_uinteger __internal_compress_string_usmallint __internal_compress_string_utinyint
    __internal_compressed_materialization_cast __internal_decompress_geometry_point __internal_decompress_integral_bigint
    __internal_decompress_integral_hugeint __internal_decompress_integral_integer __internal_decompress_integral_smallint
    __internal_decompress_integral_ubigint __internal_decompress_integral_uhugeint __internal_decompress_integral_uinteger
    __internal_decompress_integral_usmallint __internal_decompress_string __internal_json_copy_to_geojson __internal_json_copy_to_json
    __internal_tablefilter_bloom_filter __internal_tablefilter_dynamic __internal_tablefilter_optional __internal_tablefilter_prefix_range
    __internal_tablefilter_selectivity_optional bitstring_byte_comparable col_description combine combine_aggr constant_or_null create_sort_key
    current_connection_id current_query current_query_id current_schemas current_setting current_transaction_id currval decimal_division finalize
    format_pg_type format_type get_block_size getvariable has_any_column_privilege has_column_privilege has_database_privilege
    has_foreign_data_wrapper_privilege has_function_privilege has_language_privilege has_schema_privilege has_sequence_privilege has_server_privilege
    has_table_privilege has_tablespace_privilege hive_partition_component icu_sort_key in_search_path index_key inet_client_addr inet_client_port
    inet_server_addr inet_server_port invoke json_copy_strftime_if_date json_copy_strftime_if_timestamp json_deserialize_sql json_serialize_plan
    json_serialize_sql map_to_pg_oid nextval obj_description parse_duckdb_log_message pg_collation_is_visible pg_conf_load_time pg_conversion_is_visible
    pg_function_is_visible pg_get_constraintdef pg_get_expr pg_get_viewdef pg_has_role pg_is_other_temp_schema pg_my_temp_schema pg_opclass_is_visible
    pg_operator_is_visible pg_opfamily_is_visible pg_postmaster_start_time pg_sleep pg_table_is_visible pg_ts_config_is_visible pg_ts_dict_is_visible
    pg_ts_parser_is_visible pg_ts_template_is_visible pg_type_is_visible remap_struct setseed shobj_description sleep_ms st_intersects_extent stats
    timetz_byte_comparable to_aggregate_state txid_current unpivot_list variant_bytes_to_variant variant_comparator variant_normalize
    variant_to_parquet_variant vector_type write_log
"""
REFUSED_TABLE_FUNCTIONS = """
    arrow_scan arrow_scan_dumb checkpoint create_external_resource deregister_external_resource destroy_external_resource disable_logging
    disable_profiling duckdb_approx_database_count duckdb_available_metrics duckdb_columns duckdb_connection_count duckdb_constraints
    duckdb_coordinate_systems duckdb_databases duckdb_dependencies duckdb_dialects duckdb_eviction_queues duckdb_extension_repositories duckdb_extensions
    duckdb_external_file_cache duckdb_external_resource_types duckdb_external_resources duckdb_functions duckdb_grammar_extensions duckdb_indexes
    duckdb_keywords duckdb_log_contexts duckdb_logs duckdb_logs_parsed duckdb_memory duckdb_optimizers duckdb_prepared_statements
    duckdb_profiling_settings duckdb_schemas duckdb_secret_type_parameters duckdb_secret_types duckdb_secrets duckdb_sequences duckdb_settings
    duckdb_table_sample duckdb_tables duckdb_temporary_files duckdb_triggers duckdb_types duckdb_variables duckdb_views enable_logging enable_profiling
    force_checkpoint glob histogram histogram_values icu_calendar_names json_execute_serialized_sql pandas_scan parquet_bloom_probe parquet_file_metadata
    parquet_full_metadata parquet_kv_metadata parquet_metadata parquet_schema pragma_collations pragma_database_size pragma_metadata_info pragma_platform
    pragma_show pragma_storage_info pragma_table_info pragma_user_agent pragma_version python_arrow_scan python_map_function query query_table read_blob
    read_duckdb read_single_csv_file read_single_json_file read_single_parquet_file read_text register_external_resource register_external_resource_type
    seq_scan sniff_csv summary test_all_types test_vector_types truncate_duckdb_logs which_secret
"""
# A collation is asked for by COLLATE; the functions behind it are not for users.
_COLLATIONS = re.compile(r"(icu_)?collate_\w+")


def _functions(*kinds: str) -> set[str]:
    listed = parser().cursor().execute("SELECT DISTINCT lower(function_name) FROM duckdb_functions() WHERE list_contains(?, function_type)", [list(kinds)])
    return {name for (name,) in listed.fetchall() if not _COLLATIONS.fullmatch(name)}


def test_every_function_of_this_duckdb_was_read_and_is_allowed_or_refused() -> None:
    """P1-03: an allow-list; the difference is what a new version added and nobody has read."""
    assert _functions("scalar", "aggregate", "macro", "window") - FUNCTIONS == set(REFUSED.split())


def test_every_table_function_of_this_duckdb_was_read_and_is_allowed_or_refused() -> None:
    """P1-03: the same for what may stand in FROM."""
    assert _functions("table", "table_macro") - TABLE_FUNCTIONS - FILE_READERS == set(REFUSED_TABLE_FUNCTIONS.split())


def test_no_function_is_allowed_and_refused() -> None:
    assert not set(REFUSED.split()) & FUNCTIONS
    assert not set(REFUSED_TABLE_FUNCTIONS.split()) & (TABLE_FUNCTIONS | FILE_READERS)


# What a locked session can still do when the guard is left out. Only what stands here as True; the guard refuses every one of them.
PROBES = {
    "SELECT * FROM read_parquet('{own}')": True,
    "SELECT * FROM '{own}'": True,
    "SELECT * FROM parquet_metadata('{own}')": True,
    "COPY (SELECT 1) TO '{own}' (USE_TMP_FILE false)": True,  # the reason why the guard and the read-only process are not optional
    "COPY (SELECT 1) TO '{own}'": False,
    "COPY (SELECT 1) TO '{outside}/new.csv'": False,
    "COPY (SELECT 1) TO '{outside}/new.csv' (USE_TMP_FILE false)": False,
    "COPY (SELECT 1) TO '{spill}/new.csv'": True,
    "SELECT * FROM read_parquet('{other}')": False,
    "SELECT * FROM '{other}'": False,
    "SELECT * FROM read_csv('{outside}/secret.csv')": False,
    "SELECT * FROM '{outside}/secret.csv'": False,
    "SELECT * FROM read_text('{outside}/secret.csv')": False,
    "SELECT * FROM read_blob('{outside}/secret.csv')": False,
    "SELECT * FROM read_json('{outside}/secret.csv')": False,
    "SELECT * FROM sniff_csv('{outside}/secret.csv')": False,
    "SELECT * FROM parquet_schema('{other}')": False,
    "SELECT * FROM glob('{outside}/*')": False,
    "SELECT * FROM 'https://example.com/x.parquet'": False,
    "SELECT * FROM read_csv('s3://bucket/x')": False,
    "ATTACH '{outside}/new.db' AS n": False,
    "ATTACH ':memory:' AS m": True,
    "DETACH flights": True,
    "EXPORT DATABASE '{outside}/export'": False,
    "IMPORT DATABASE '{outside}/export'": False,
    "INSTALL httpfs": False,
    "LOAD httpfs": False,
    "LOAD '{outside}/x.duckdb_extension'": False,
    "SET enable_external_access = true": False,
    "SET lock_configuration = false": False,
    "SET allowed_directories = ['/']": False,
    "SET threads = 1": False,
    "RESET memory_limit": False,
    "PRAGMA threads = 2": False,
    "PRAGMA enable_profiling": False,
    "PRAGMA disable_optimizer": False,
    "CALL enable_logging(storage = 'file', storage_path = '{outside}/log')": False,
    "CALL enable_profiling()": False,
    "SET VARIABLE v = 1": True,
    "CREATE TABLE t AS SELECT 1": True,
    "CREATE MACRO m(x) AS x": True,
    "CREATE OR REPLACE VIEW flights.gold.flights AS SELECT 1": True,
    "DROP VIEW flights.gold.flights": True,
    "CREATE SECRET s (TYPE s3)": False,
    "SELECT * FROM duckdb_settings()": True,
    "SELECT current_setting('allowed_paths')": True,
    "SELECT sql FROM duckdb_views()": True,
    "SELECT * FROM duckdb_secrets()": True,
    "SELECT * FROM duckdb_logs()": True,
    "SELECT * FROM information_schema.tables": True,
    "SELECT * FROM query('SELECT 1')": True,
    "SELECT * FROM query_table('flights.gold.flights')": True,
    "SELECT * FROM query_table('hr.gold.salaries')": False,
    "SELECT * FROM hr.gold.salaries": False,
    "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))": True,
    "SELECT * FROM duckdb_extensions()": False,
    "SELECT getenv('HOME')": False,
    "SELECT * FROM local_variable": False,
    "CHECKPOINT": True,
}


@pytest.fixture
def own_lake(tmp_path: Path) -> Lake:
    (tmp_path / "secret.csv").write_text("a,b\n1,2\n")
    return make_lake(tmp_path)


@contextlib.contextmanager
def _locked(lake: Lake) -> Iterator[tuple[Session, str]]:
    """A session with one table, as the explorer opens it, and the table's data file."""
    relation = table_relation(lake.tables[0].name, lake.tables[0].metadata_location, lake.tables[0].snapshot_id)
    with Door(lake.settings).connect(lake.settings.scratch, Reach(relation.files)) as session:
        attach(session, [relation])
        yield session, relation.files[0]


def _can(session: Session, statement: str) -> bool:
    try:
        session.raw.execute(statement).fetchmany(1)
    except duckdb.Error:
        return False
    return True


def test_what_a_locked_session_can_still_do_is_known(own_lake: Lake, tmp_path: Path) -> None:
    """P1-03: the second wall on its own, pinned for this version of DuckDB. The difference is what a new version opens or closes."""
    local_variable = pa.table({"a": [1]})
    other = table_relation(own_lake.tables[2].name, own_lake.tables[2].metadata_location, own_lake.tables[2].snapshot_id).files[0]
    found: dict[str, bool] = {}
    for probe in PROBES:
        with _locked(own_lake) as (session, own):
            kept = Path(own).read_bytes()
            spill = next(own_lake.settings.scratch.iterdir())
            found[probe] = _can(session, probe.format(own=own, other=other, outside=tmp_path, spill=spill))
            Path(own).write_bytes(kept)
    assert found == PROBES
    assert local_variable.num_rows == 1
    assert not (tmp_path / "new.csv").exists()
    assert not list(own_lake.settings.scratch.iterdir()), "each session's own folder is gone with it"
