"""A till joins its alliance with the code that a technician was given.

The hub shows first that it is the one the code names; only then is the one-time code sent. The same
request again gets the same answer, so every step can be repeated after any failure.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pos.domain.journal import TERMINAL_ID, TERMINAL_ID_LENGTH_MAX
from pos.domain.message import Message, Refusal, say
from sync.client.transport import HubTransport
from sync.client.trouble import (
    BadAddress,
    HubAway,
    HubFailure,
    HubRefused,
    HubTrouble,
    NotTrusted,
    PlainHttpRefused,
)
from sync.protocol import trust
from sync.protocol.messages import PROTOCOL, Enrolment, EnrolRequest, HubIntroduction, KeyList, SignedBytes

_EPOCH_MAX = (1 << 32) - 1


class EnrolledAt(msgspec.Struct, frozen=True):
    """What the till keeps of its enrolment. `keys` is the list as signed, to be read again at each start.

    `reply` is the enrolment as signed: a hub restored from before may have to be shown it.
    """

    hub_url: str
    fingerprint: str
    keys: SignedBytes
    enrolment: Enrolment
    reply: SignedBytes

    def key_list(self) -> KeyList:
        """The alliance's keys.

        Raises:
            Untrusted: the stored bytes were changed.

        """
        return trust.read_key_list(self.keys, self.fingerprint)


class EnrolmentRefusal(Refusal):
    """The till did not join. Nothing was kept, and the same code can be tried again.

    Reasons: `code`, `address`, `plain_http`, `away`, `trouble`, `not_trusted`, `protocol`, `another_hub`,
    `refused`, `reply`.
    """


def enrol(
    url: str,
    code_text: str,
    key: Ed25519PrivateKey,
    incarnation: str,
    *,
    now: Callable[[], datetime],
    open_transport: Callable[..., HubTransport] = HubTransport,
) -> EnrolledAt:
    """Joins the hub at `url` as the terminal that the code was made for.

    `key` is this terminal's own, `incarnation` its 16 hexadecimal digits.

    Raises:
        EnrolmentRefusal: with what happened and what to do next.

    """
    code = trust.read_enrolment_code(code_text)
    if code is None:
        raise EnrolmentRefusal(
            "code", say("入网码不对：应是 26 个字母和数字。请看总部给的入网码，重新扫描或输入")
        )
    try:
        transport = open_transport(url, now=now)
    except (BadAddress, PlainHttpRefused) as failure:
        raise _refusal(failure) from failure
    try:
        return _enrol(transport, code, key, incarnation)
    except HubFailure as failure:
        raise _refusal(failure) from failure
    finally:
        transport.close()


def _enrol(
    transport: HubTransport, code: trust.EnrolmentCode, key: Ed25519PrivateKey, incarnation: str
) -> EnrolledAt:
    introduction, keys = _introduced(transport, code)
    reply = transport.enrol(_request(code, key, incarnation))
    enrolment = _enrolment(reply, keys, incarnation)
    return EnrolledAt(transport.url, code.fingerprint, introduction.keys, enrolment, reply)


def _introduced(transport: HubTransport, code: trust.EnrolmentCode) -> tuple[HubIntroduction, KeyList]:
    """The hub and its keys. The alliance's own TLS authority is learnt from a list that its root has signed;
    from then on the hub's certificate has to hold, before the code is sent.
    """
    try:
        introduction = transport.introduce()
    except NotTrusted:
        stranger = transport.introduce_unverified()
        transport.trust(_known_hub(stranger, code.fingerprint).tls)
        introduction = transport.introduce()
    keys = _known_hub(introduction, code.fingerprint)
    transport.trust(keys.tls)
    return introduction, keys


def _known_hub(introduction: HubIntroduction, fingerprint: str) -> KeyList:
    """The keys of the hub that the code names; everything before this is said to a stranger."""
    if PROTOCOL not in introduction.protocols:
        raise EnrolmentRefusal(
            "protocol",
            say(
                "总部说的协议版本（{theirs}）和本机的（{ours}）不同，请升级收银程序后再入网",
                theirs=", ".join(str(version) for version in introduction.protocols[:8]),
                ours=PROTOCOL,
            ),
        )
    try:
        return trust.read_key_list(introduction.keys, fingerprint)
    except trust.Untrusted as error:
        raise EnrolmentRefusal(
            "another_hub",
            say("这个地址的总部不是入网码所指的那个，入网码没有发出去。请核对地址和入网码，或联系联盟"),
        ) from error


def _request(code: trust.EnrolmentCode, key: Ed25519PrivateKey, incarnation: str) -> EnrolRequest:
    public = key.public_key().public_bytes_raw()
    claim = trust.enrolment_claim(code.one_time, public, incarnation, code.fingerprint)
    return EnrolRequest(code.one_time, public, incarnation, key.sign(claim))


def _enrolment(reply: SignedBytes, keys: KeyList, incarnation: str) -> Enrolment:
    try:
        payload = trust.open_signed(reply, keys, use="hub", tag=trust.ENROLMENT_TAG)
        enrolment = msgspec.json.decode(payload, type=Enrolment)
    except (trust.Untrusted, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _bad_reply() from error
    fits = (
        enrolment.incarnation == incarnation
        and TERMINAL_ID.fullmatch(enrolment.terminal)
        and len(enrolment.terminal) <= TERMINAL_ID_LENGTH_MAX
        and 1 <= enrolment.epoch <= _EPOCH_MAX
    )
    if not fits:
        raise _bad_reply()
    return enrolment


def _bad_reply() -> EnrolmentRefusal:
    return EnrolmentRefusal(
        "reply", say("总部的入网答复不可信，没有采用。请用同一个入网码再试；不行请联系联盟")
    )


def _refusal(failure: HubFailure) -> EnrolmentRefusal:
    match failure:
        case BadAddress():
            return EnrolmentRefusal("address", failure.message)
        case PlainHttpRefused():
            return EnrolmentRefusal("plain_http", failure.message)
        case HubAway():
            return EnrolmentRefusal("away", say("连不上总部。请检查网线、Wi-Fi 和总部地址，然后再试"))
        case NotTrusted():
            return EnrolmentRefusal("not_trusted", _not_trusted(failure))
        case HubRefused():
            return EnrolmentRefusal("refused", _told(failure))
        case HubTrouble():
            return EnrolmentRefusal("trouble", _not_a_hub(failure))
        case _:
            return EnrolmentRefusal("trouble", failure.message)


def _not_a_hub(failure: HubTrouble) -> Message:
    return say(
        "这个地址回答的不像总部（{what}）。请核对地址；用的是酒店或商场 Wi-Fi 时请先登录网络",
        what=failure.what,
    )


def _not_trusted(failure: NotTrusted) -> Message:
    return say(
        "这个地址的 TLS 证书不可信（{what}），入网码没有发出去。请核对本机日期和总部地址；"
        "总部用自己签的证书时，请让总部先运行 pos-hub tls make",
        what=failure.what,
    )


def _told(failure: HubRefused) -> Message:
    problem = failure.problem
    return say("总部没有接受入网：{message} {hint}", message=problem.message[:200], hint=problem.hint[:200])
