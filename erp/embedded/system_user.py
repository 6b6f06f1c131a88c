"""Finds the user that PostgreSQL runs as where root starts it, and makes it where there is none.

It is a user of its own: as `nobody`, whom other programs run as too, each of them could read the data and its sockets.
"""

import os
import pwd
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

NAMED_BY = "ERP_SYSTEM_USER"
WHERE = "/usr/sbin:/sbin:/usr/bin:/bin"  # a shell of root's need not have these in its PATH
# How a user is made that nobody signs in as: by Debian's tools and those like them, or by busybox.
WAYS = (
    ("useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin"),
    ("adduser", "-S", "-D", "-H", "-s", "/sbin/nologin"),
)


class NoSystemUser(Exception):
    """There is nobody whom PostgreSQL could run as."""


def system_user() -> pwd.struct_passwd | None:
    """The user that PostgreSQL runs as when we are root, made if need be; None when we are anybody else.

    It is called `throughline`, or as ERP_SYSTEM_USER says. Raises NoSystemUser, with what to do.
    """
    if os.geteuid() != 0:
        return None
    name = os.environ.get(NAMED_BY) or "throughline"
    user = _known(name) or _made(name)
    if user is None:
        raise NoSystemUser(
            f"PostgreSQL cannot run as root, and no user {name!r} could be made. Make one"
            f" (useradd --system {name}), name another by {NAMED_BY}, or start this as any other user."
        )
    if user.pw_uid == 0 or user.pw_name == "nobody":
        raise NoSystemUser(
            f"PostgreSQL does not run as {name!r}: name a user by {NAMED_BY} that nothing else runs as."
        )
    return user


def hand_over(folder: Path, user: pwd.struct_passwd | None) -> None:
    """Give a folder and all in it to a user, and open it to nobody else; links stay what they are."""
    folder.chmod(0o700)
    if user:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)


def make_owned(folder: Path, user: pwd.struct_passwd | None) -> None:
    """Make a folder of a user's; one that is another's, as of a version that ran as `nobody`, becomes theirs."""
    make_passable(folder.parent)
    folder.mkdir(exist_ok=True)
    if user and folder.stat().st_uid != user.pw_uid:
        hand_over(folder, user)
    folder.chmod(0o700)


def make_passable(folder: Path) -> None:
    """Make a folder that everybody may walk through, and nobody list, whatever our umask; one that is there stays."""
    for place in reversed((folder, *folder.parents)):
        if not place.exists():
            place.mkdir(exist_ok=True)
            place.chmod(0o711)


def _known(name: str) -> pwd.struct_passwd | None:
    with suppress(KeyError):
        return pwd.getpwnam(name)
    return None


def _made(name: str) -> pwd.struct_passwd | None:
    for tool, *options in WAYS:
        if program := shutil.which(tool, path=WHERE):
            done = subprocess.run([program, *options, name], capture_output=True, check=False)
            if user := _known(name):  # made by us, or by another start at the same time
                if not done.returncode:
                    sys.stderr.write(f"Made the system user {name}: PostgreSQL runs as it.\n")
                return user
    return None
