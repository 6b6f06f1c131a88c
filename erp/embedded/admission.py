"""Says whom the embedded PostgreSQL lets in: the user who started it, and nobody else of this machine."""

import os
import pwd
from pathlib import Path

RULES = "local all all peer map=house\nlocal replication all peer map=house"


def admit_ourselves_alone(pgdata: Path, *, as_user: pwd.struct_passwd | None) -> None:
    """Have PostgreSQL take who starts it for any role, and nobody else for one.

    as_user   whom it runs as where that is another one
    To trust its socket would make every process of that user a superuser. Written at each start: so a cluster of
    before, or from elsewhere, is one of ours too.
    """
    us = pwd.getpwuid(os.geteuid()).pw_name
    for name, text in (("pg_hba.conf", RULES), ("pg_ident.conf", f'house "{us}" all')):
        path = pgdata / name
        path.unlink(missing_ok=True)  # a link that its former owner left there is not followed
        path.write_text(f"# Written at each start.\n{text}\n")
        path.chmod(0o600)
        if as_user:
            os.chown(path, as_user.pw_uid, as_user.pw_gid)
