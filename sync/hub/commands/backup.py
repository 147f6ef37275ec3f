"""Backups, their return, and a database's version."""

from __future__ import annotations

from pathlib import Path

import click

from sync.hub.commands.answering import AS_JSON, DATA, print_json, tell
from sync.hub.words import Told, Words

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.command()
@DATA
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="A file, replaced when the new one is whole; or a folder, which gets a new file.",
)
@click.option("--keep", type=click.IntRange(1), help="With a folder: so many of its backups stay.")
@AS_JSON
def backup(*, data: Path, out: Path, keep: int | None, as_json: bool) -> None:
    """Copy everything the hub holds into one file, while it serves; checked before it gets its name."""
    from sync.hub.operation import backup as making
    from sync.hub.storage.data_folder import existing
    from sync.hub.storage.database import connected
    from sync.hub.words import utc_now

    if keep is not None and not out.is_dir():
        raise Told(_KEEP_NEEDS_FOLDER, out=out)
    folder = existing(data)
    with connected(folder) as database:
        made = making.make(folder, database, out, utc_now())
    gone = making.keep_newest(out, keep) if keep is not None else []
    size, rows = made.path.stat().st_size, sum(part.rows for part in made.manifest.parts)
    if as_json:
        print_json(
            {"file": str(made.path), "bytes": size, "rows": rows, "removed": [str(one) for one in gone]}
        )
    else:
        tell(_MADE, path=made.path, kb=-(-size // 1024), rows=rows, gone=len(gone))
    if made.with_root:
        tell(_WITH_ROOT, root=folder.keys / "root.pem")
    if made.path.stat().st_dev == folder.path.stat().st_dev:
        tell(_SAME_DISK)


@click.command()
@FILE
@click.option("--data", type=click.Path(path_type=Path), help="The new hub's data folder.")
@click.option("--database", help="Put the data into this empty database: postgresql://user@host/database.")
@click.option("--check", is_flag=True, help="Only say whether the backup is whole, and of when.")
def restore(*, file: Path, data: Path | None, database: str | None, check: bool) -> None:
    """Make a hub again from a backup, in an empty place; also how data move to PostgreSQL."""
    from sync.hub.operation import archive
    from sync.hub.operation import restore as restoring
    from sync.hub.words import utc_now

    if check:
        found = archive.verified(file)
        tell(_WHOLE, file=file, made_at=found.made_at, schema=found.schema, alliance=found.alliance)
        return
    if data is None:
        raise Told(Words("请给出新的数据目录：--data。", "Name the new data folder: --data."))
    done = restoring.restore(file, data.absolute(), utc_now(), database_url=database)
    tell(_RESTORED, data=data, made_at=done.made_at)


@click.command()
@DATA
@click.option("--check", is_flag=True, help="Change nothing; exit code 1 if there is something to do.")
def migrate(*, data: Path, check: bool) -> None:
    """Bring the database to this program's version. (`serve` does it by itself.)"""
    from sync.hub.storage import migrating
    from sync.hub.storage.data_folder import existing
    from sync.hub.storage.database import connected

    with connected(existing(data)) as database:
        with database.read() as connection:
            found = migrating.version_of(connection)
        migrating.check(found)
        if found == migrating.NEWEST:
            tell(_UP_TO_DATE, version=found)
            return
        if check:
            raise Told(_TO_DO, found=found or "-", newest=migrating.NEWEST)
        with database.write() as connection:
            migrating.upgrade(connection)
    tell(_MIGRATED, found=found or "-", newest=migrating.NEWEST)


_KEEP_NEEDS_FOLDER = Words(
    "--keep 要和目录一起用，{out} 不是已有的目录。请先建好目录。",
    "--keep goes with a folder, and {out} is none. Make the folder first.",
)
_MADE = Words(
    "已备份到 {path}（{kb} KiB，{rows} 行，已核对）。清理旧备份 {gone} 份。",
    "Backed up to {path} ({kb} KiB, {rows} rows, checked). {gone} older backup(s) removed.",
)
_WITH_ROOT = Words(
    "注意：备份里有根密钥，因为它还在 {root}。请把它移到 U 盘锁进保险柜，并把这份备份同样保管好。",
    "Careful: the backup holds the root key, because that still lies in {root}. Move it to a USB stick in a "
    "safe, and guard this backup like it.",
)
_SAME_DISK = Words(
    "注意：备份和总部在同一块磁盘上，磁盘坏了两份都没有。请再复制一份到别处。",
    "Careful: the backup is on the hub's own disk and would be lost with it. Copy it elsewhere.",
)
_WHOLE = Words(
    "{file} 完整：联盟 {alliance}，{made_at}，数据版本 {schema}。",
    "{file} is whole: alliance {alliance}, made {made_at}, schema {schema}.",
)
_RESTORED = Words(
    "已按 {made_at} 的备份恢复到 {data}，账目已核对。\n"
    "收银机会自己发现：把总部没有的流水再传一次（不会重复入账），并重新下载全部资料。\n"
    "那之后在总部做的事要重做一遍：入网、停用收银机、改会员或人员、发券、导入、发布，"
    "以及结算：锁定、登记付款、申诉更正（先查银行流水，已付的不要再付）。"
    "没用过的入网码已作废，所有人要重新登录。旧的总部不要再启动。",
    "Restored into {data} as of {made_at}; the books hold.\n"
    "Tills notice by themselves: they send again what the hub no longer has (nothing is booked twice) and "
    "download everything anew.\n"
    "What was done at the hub after that moment must be done again: enrolling and revoking tills, changes of "
    "members and people, coupons, imports, packs; and settlement: days locked, payments noted, disputes "
    "corrected (look at the bank first: what was paid must not be paid again). Unused enrolment codes are "
    "void, and everybody has to log in again. Never start the old hub again.",
)
_UP_TO_DATE = Words("数据版本已是 {version}，不用升级。", "The schema is {version}; nothing to do.")
_TO_DO = Words(
    "需要升级：{found} → {newest}。请先备份（pos-hub backup），再运行 pos-hub migrate。",
    "To be migrated: {found} → {newest}. Make a backup first (pos-hub backup), then run pos-hub migrate.",
)
_MIGRATED = Words("已升级：{found} → {newest}。", "Migrated: {found} → {newest}.")
