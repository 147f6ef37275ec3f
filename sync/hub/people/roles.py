"""Roles as data: what each may do stands in `roles.toml`."""

from __future__ import annotations

from importlib.resources import files

import msgspec

from sync.hub.words import Told, Words


class Named(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A name in both languages."""

    zh: str
    en: str

    @property
    def words(self) -> Words:
        return Words(self.zh, self.en)


class Role(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a role may do, where its log-in leads to, and how long its sessions last."""

    name: Named
    rights: frozenset[str]
    home: str
    idle_minutes: int
    hours: int
    of_merchant: bool = False


class _Roles(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rights: dict[str, Named]
    roles: dict[str, Role]


_read = msgspec.toml.decode((files("sync.hub.people") / "roles.toml").read_bytes(), type=_Roles)

RIGHTS = _read.rights
ROLES = _read.roles

for _name, _role in ROLES.items():
    if strange := _role.rights - RIGHTS.keys():
        raise ValueError(f"role {_name} has unknown rights {sorted(strange)}")


def role(name: str) -> Role:
    """Raises `Told` where there is no such role."""
    if name not in ROLES:
        raise Told(_UNKNOWN, role=name[:40], roles=", ".join(ROLES))
    return ROLES[name]


def rights_of(name: str) -> frozenset[str]:
    """What a role may do; a role that a newer program knew may do nothing."""
    return ROLES[name].rights if name in ROLES else frozenset()


_UNKNOWN = Words("没有角色 {role}。可用的角色：{roles}。", "There is no role {role}. The roles are: {roles}.")
