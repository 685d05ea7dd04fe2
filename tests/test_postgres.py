"""The database server of the tests is a real one, and every test that asks gets an empty database."""

from __future__ import annotations

from sqlalchemy import create_engine, text


def test_the_server_is_real_and_speaks_utf8(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version()")).scalar_one().startswith("PostgreSQL")
        assert connection.execute(text("SHOW server_encoding")).scalar_one() == "UTF8"
    engine.dispose()


def test_what_one_test_writes_another_does_not_find(postgres_url: str, fresh_postgres_url: str) -> None:
    used, fresh = create_engine(postgres_url), create_engine(fresh_postgres_url)
    with used.begin() as connection:
        connection.execute(text("CREATE TABLE left_behind (id integer)"))
    with fresh.connect() as connection:
        assert connection.execute(text("SELECT to_regclass('left_behind')")).scalar_one() is None
    with used.begin() as connection:
        connection.execute(text("DROP TABLE left_behind"))
    used.dispose()
    fresh.dispose()
