"""The server's settings: small, private, durable. Given at each start, so that they follow the code."""

from pathlib import Path

from raincheck.embedded_postgres.account import Account
from raincheck.embedded_postgres.cluster import PORT


def options_for(sockets: Path, *, durable: bool) -> dict[str, str]:
    """Return the settings for a small machine, with the socket in `sockets`."""
    # Who may pass through the socket's directory is another account than the server's then.
    shared = {} if Account.for_the_application() is None else {"unix_socket_permissions": "0777"}
    return {**_private(sockets), **shared, **_SMALL, **_DISCREET, **(_LOGGED if durable else _FORGETFUL)}


def options_for_a_copy(sockets: Path) -> dict[str, str]:
    """Return settings that every supported major version knows, for reading or filling a copy."""
    return _private(sockets)


def _private(sockets: Path) -> dict[str, str]:
    return {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": f'"{sockets}"',
        "unix_socket_permissions": "0700",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "cluster_name": "raincheck",
    }


_SMALL = {
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "max_parallel_workers_per_gather": "0",  # two cores serve many small questions, not one large one
    # By default PostgreSQL 18 keeps three processes that only read ahead.
    "io_method": "sync",
    # Compiling takes longer than most of our statements run.
    "jit": "off",
    "random_page_cost": "1.1",
}

# A statement or a key in the log would be somebody's name or message.
_DISCREET = {
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
}

_LOGGED = {
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "%a.log",  # one file per weekday, overwritten a week later
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
}

# Commits still reach the operating system, so a killed server loses nothing; a power cut may lose everything.
_FORGETFUL = {
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
