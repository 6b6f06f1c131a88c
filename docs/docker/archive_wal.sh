#!/bin/sh
# PostgreSQL's archive_command: keeps a finished segment of its log, compressed, for its owner alone.
#   archive_command = 'archive_wal.sh /archive %p %f'
# One that is kept already is not written again, and is an error where it is another one.
set -eu
umask 077
kept="$1/$3.gz"
part="$1/.$3.part"
if [ -e "$kept" ]; then
    gzip -dc "$kept" | cmp -s - "$2"
else
    gzip -1 <"$2" >"$part"
    sync "$part"
    mv "$part" "$kept"
fi
