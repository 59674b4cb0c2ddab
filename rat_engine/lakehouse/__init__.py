"""Where bytes live: DuckDB sessions, the Iceberg catalog, branches, write strategies, landing files."""
