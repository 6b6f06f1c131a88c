#!/bin/sh
# Copies the cluster beside its kept log, verified, keeps the newest copies, and of the log what they need.
#   copy_cluster.sh /archive 2
set -eu
umask 077
archive="$1"
keep="${2:-2}"
bases="$archive/base"
mkdir -p "$bases"
name="$(date -u +%Y-%m-%dT%H%M%SZ)"
trap 'rm -rf "$bases/.$name.part"' EXIT
pg_basebackup -D "$bases/.$name.part" -Ft -z -X stream -c fast
case "$(pg_verifybackup --version)" in
    *" 1"[0-7].*) ;;  # reads no archives yet
    *) pg_verifybackup --no-parse-wal "$bases/.$name.part" ;;
esac
mv "$bases/.$name.part" "$bases/$name"
ls -1 "$bases" | sort -r | tail -n "+$((keep + 1))" | while read -r old; do rm -rf "${bases:?}/$old"; done
oldest="$(ls -1 "$bases" | sort | head -n 1)"
needed="$(tar -xzOf "$bases/$oldest/base.tar.gz" backup_label | sed -n 's/^START WAL LOCATION.*file \([0-9A-F]*\).*/\1/p')"
pg_archivecleanup -x .gz "$archive" "$needed"
echo "$name; the log from $needed on is kept."
