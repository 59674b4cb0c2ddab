"""The metadata database: SQLAlchemy Core, one module per aggregate."""
