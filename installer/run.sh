#!/bin/sh
# Starts the till with the sample shop: in a window, or without a screen as pictures in demo-out/.
# Arguments go to "pos demo", for example: sh installer/run.sh --help
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
sh installer/setup.sh run

if [ -z "${LC_ALL:-}${LC_CTYPE:-}${LANG:-}" ]; then
    LC_ALL=C.UTF-8
    export LC_ALL
fi

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    echo "Starting the till in a window. 正在启动收银台。"
    exec .venv/bin/pos demo "$@"
fi

echo "There is no screen, so the till runs off-screen and draws pictures. 没有屏幕，改为离屏运行并保存图片。"
out=demo-out
previous=
for argument in "$@"; do
    case $argument in
        --out=*) out=${argument#--out=} ;;
        *) if [ "$previous" = --out ]; then out=$argument; fi ;;
    esac
    previous=$argument
done
QT_QPA_PLATFORM=offscreen .venv/bin/pos demo --headless --out demo-out "$@"
case $out in
    /*) ;;
    *) out=$root/$out ;;
esac
echo "The pictures are in $out. 图片保存在 $out。"
