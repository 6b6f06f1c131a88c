"""Says whom the embedded PostgreSQL lets in: the user who started it, and nobody else of this machine."""

import os
import pwd
from pathlib import Path

RULES = "local all all peer map=house\nlocal replication all peer map=house"


def admit_ourselves_alone(pgdata: Path, *, as_user: pwd.struct_passwd | None) -> None:
    """Have PostgreSQL take who starts it for any role, and nobody else for one.

    as_user   whom it runs as where that is another one
    Started by root it is `nobody` where there is no user `throughline`: to trust its socket would make every process
    of `nobody` a superuser. Written at each start: so a cluster of before, or from elsewhere, is one of ours too.
    """
    us = pwd.getpwuid(os.geteuid()).pw_name
    for name, text in (("pg_hba.conf", RULES), ("pg_ident.conf", f'house "{us}" all')):
        path = pgdata / name
        path.write_text(f"# Written at each start.\n{text}\n")
        path.chmod(0o600)
        if as_user:
            os.chown(path, as_user.pw_uid, as_user.pw_gid)
