#!/bin/sh
# Prepares this folder: the Debian packages Qt needs, .venv/, and the Python packages of the lock file.
#
#   sh installer/setup.sh run    what the till needs
#   sh installer/setup.sh dev    the same, and what the checks and tests need
#
# Safe to run again: whatever is already there is left alone. PYTHON=/path/to/python3 picks the interpreter.
set -eu

# A C locale would make Chinese output fail; a locale that somebody chose is kept.
if [ -z "${LC_ALL:-}${LC_CTYPE:-}${LANG:-}" ]; then
    LC_ALL=C.UTF-8
    export LC_ALL
fi

mode=${1:-}
case $mode in
    run | dev) ;;
    *)
        echo "usage: sh installer/setup.sh run|dev" >&2
        exit 2
        ;;
esac

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
venv_python=.venv/bin/python
stamp=.venv/.setup-stamp

# Without these Qt does not start even without a screen, or Chinese shows as boxes.
required_packages="libglib2.0-0 libgl1 libxkbcommon0 libegl1 libfreetype6 libfontconfig1 libdbus-1-3
    libgssapi-krb5-2 fonts-noto-cjk"
# Only a real window needs these.
window_packages="libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0
    libxcb-image0 libxcb-render-util0 libxcb-xkb1 libwayland-cursor0"
# The tests open a real window on a virtual screen, and the hub's pages in a real browser.
test_packages="xvfb xauth chromium chromium-driver poppler-utils"

# One line for each argument.
say() { printf '%s\n' "$@"; }

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

# ---- which Python ----------------------------------------------------------------------------------

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if is_new_enough "$candidate"; then
            printf '%s\n' "$candidate"
            return
        fi
    done
}

venv_works() {
    [ -x "$venv_python" ] && is_new_enough "$venv_python" && "$venv_python" -m pip --version >/dev/null 2>&1
}

# The console scripts in .venv hold its absolute path, so a folder that moved needs a new one.
venv_moved() {
    [ -f "$stamp" ] && [ "$(sed -n 2p "$stamp")" != "$root" ]
}

venv_is_usable() { venv_works && ! venv_moved; }

can_make_venv() {
    "$1" -c 'import ensurepip, venv' >/dev/null 2>&1
}

# ---- Debian packages -------------------------------------------------------------------------------

is_debian() {
    command -v dpkg-query >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1
}

# Newer releases call some libraries NAMEt64.
is_installed() {
    dpkg-query -W -f='${db:Status-Status}\n' "$1" "$1t64" 2>/dev/null | grep -qx installed
}

missing_of() {
    for package in "$@"; do
        is_installed "$package" || printf ' %s' "$package"
    done
}

# Prints how to become root: "direct", "sudo", or nothing when there is no way.
root_by() {
    if [ "$(id -u)" -eq 0 ]; then
        echo direct
    elif command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
        echo sudo
    fi
}

apt_get() {
    if [ "$(id -u)" -eq 0 ]; then
        DEBIAN_FRONTEND=noninteractive apt-get "$@"
    else
        sudo env DEBIAN_FRONTEND=noninteractive apt-get "$@"
    fi
}

apt_install() {
    # shellcheck disable=SC2086 # a list of package names
    apt_get install -y --no-install-recommends $1
}

install_command() { printf '    apt-get update && apt-get install -y --no-install-recommends%s\n' "$1"; }

install_debian_packages() {
    needed=$required_packages
    if ! venv_is_usable; then
        python=$(find_python)
        if [ -z "$python" ]; then
            needed="$needed python3 python3-venv"
        elif ! can_make_venv "$python"; then
            needed="$needed python3-venv"
        fi
    fi
    wanted=
    if [ "$mode" = dev ]; then
        wanted="$window_packages $test_packages"
    elif [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
        wanted=$window_packages
    fi

    if ! is_debian; then
        if venv_is_usable; then return; fi
        say "This is not a Debian system, so nothing is installed outside this folder." \
            "What the till needs here: Python 3.11 or newer with venv; the libraries that these Debian" \
            "packages hold; and a Chinese font:" \
            "非 Debian 系统，不安装系统软件包。请自行准备以下内容："
        # shellcheck disable=SC2086 # lists of package names
        printf '    %s\n' $needed $wanted
        return
    fi

    # shellcheck disable=SC2086 # lists of package names
    missing_needed=$(missing_of $needed)
    # shellcheck disable=SC2086
    missing_wanted=$(missing_of $wanted)
    if [ -z "$missing_needed$missing_wanted" ]; then return; fi

    if [ -n "$(root_by)" ]; then
        say "Installing the Debian packages that are missing:$missing_needed$missing_wanted" \
            "安装缺少的系统软件包。"
        apt_get update || say "The package lists could not be refreshed; going on with those at hand."
        # Two steps, so that a package of the second list cannot keep out the first.
        if [ -n "$missing_needed" ]; then apt_install "$missing_needed" || true; fi
        if [ -n "$missing_wanted" ]; then apt_install "$missing_wanted" || true; fi
        # shellcheck disable=SC2086
        missing_needed=$(missing_of $needed)
        # shellcheck disable=SC2086
        missing_wanted=$(missing_of $wanted)
    fi

    if [ -n "$missing_wanted" ]; then
        say "Going on without these packages; a real window may not open:$missing_wanted" \
            "To add them, someone must run as root (缺少窗口组件，请以 root 运行):" \
            "$(install_command "$missing_wanted")"
    fi
    if [ -n "$missing_needed" ]; then
        fail "These Debian packages are missing and the till cannot start without them:$missing_needed" \
            "Someone must run this as root, then start this script again (请以 root 运行以下命令后重试):" \
            "$(install_command "$missing_needed")"
    fi
}

# ---- .venv and the Python packages -----------------------------------------------------------------

make_venv() {
    if venv_is_usable; then return; fi
    python=$(find_python)
    if [ -z "$python" ]; then
        fail "Python 3.11 or newer is needed and was not found; set PYTHON=/path/to/python3 to choose one." \
            "需要 Python 3.11 或更高版本。"
    fi
    if ! can_make_venv "$python"; then
        fail "$python cannot make virtual environments: its venv and ensurepip modules are missing." \
            "Python 缺少 venv 模块。"
    fi
    say "Making a Python environment in .venv/ with $("$python" --version). 创建 Python 环境。"
    "$python" -m venv --clear .venv
}

fingerprint() {
    "$venv_python" - pyproject.toml requirements.lock requirements-dev.lock <<'END'
import hashlib
import sys

digest = hashlib.sha256(repr(sys.version_info[:2]).encode())
for name in sys.argv[1:]:
    with open(name, "rb") as lines:
        digest.update(hashlib.sha256(lines.read()).digest())
print(digest.hexdigest())
END
}

# The dev lock holds everything of the run lock, so an environment made for dev serves both.
is_current() {
    [ -f "$stamp" ] && [ "$(sed -n 3p "$stamp")" = "$1" ] || return 1
    made_for=$(sed -n 1p "$stamp")
    [ "$made_for" = "$mode" ] || [ "$made_for" = dev ]
}

install_python_packages() {
    now=$(fingerprint)
    if is_current "$now"; then return; fi
    [ -w .venv ] || fail ".venv/ belongs to another user. Run this as that user, or delete .venv/ first." \
        ".venv 属于其他用户。"
    lock=requirements.lock
    if [ "$mode" = dev ]; then lock=requirements-dev.lock; fi
    say "Installing the Python packages of $lock, each checked against its hash. 安装 Python 依赖。"
    rm -f "$stamp"
    "$venv_python" -m pip install --disable-pip-version-check --require-hashes -r "$lock"
    "$venv_python" -m pip install --disable-pip-version-check --no-deps --no-build-isolation -e .
    printf '%s\n' "$mode" "$root" "$now" >"$stamp"
}

say "Preparing $root: checks Python and the Debian packages, makes .venv/ and installs the Python packages" \
    "there. What is already in place is left alone. 正在准备运行环境。"
install_debian_packages
make_venv
install_python_packages
say "The environment is ready. 环境已就绪。"
