"""Shows who else views the same page: a hint in Valkey that expires."""

import json
import time

import redis

from erp.access.models import Actor
from erp.valkey import valkey

FADES_S = 40


def look(subject: str, actor: Actor, *, is_editing: bool) -> list[tuple[str, bool]]:
    """Record that somebody views `subject`; return who else does: (name, is editing)."""
    now = time.time()
    key = f"presence:{subject}"
    mine = json.dumps([actor.name, is_editing, now])
    try:
        pipe = valkey().pipeline()
        pipe.hset(key, str(actor.pk), mine)
        pipe.expire(key, 2 * FADES_S)
        pipe.hgetall(key)
        found = pipe.execute()[2]
    except redis.RedisError:
        return []
    others = [json.loads(v) for pk, v in found.items() if int(pk) != actor.pk]
    return sorted((name, editing) for name, editing, at in others if now - at < FADES_S)
