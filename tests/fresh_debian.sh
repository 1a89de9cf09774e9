#!/usr/bin/env bash
# fresh_debian.sh FOLDER [COMMAND...]: makes an empty Debian 12 in FOLDER, clones this tree's HEAD
# into it, and runs the commands there: the README's two, or those given (.ci/run). Needs root,
# debootstrap and git; the mirror is the one that apt uses here. About 2 GB; delete FOLDER afterwards.
set -euo pipefail
source_tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
root=${1:?usage: fresh_debian.sh FOLDER [COMMAND...]}
commands=("${@:2}")
((${#commands[@]})) || commands=(tools/quickstart.sh tools/test.sh)
mkdir -p "$root"
root=$(cd "$root" && pwd)

if [[ -n $(ls -A "$root") ]]; then
  echo "$root is not empty" >&2
  exit 2
fi
if ((EUID != 0)); then
  echo "debootstrap and chroot need root" >&2
  exit 2
fi
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' | head -n 1)
debootstrap --variant=minbase bookworm "$root" "$mirror" >"$root.log" 2>&1 || { tail "$root.log" >&2; exit 1; }
git clone --quiet --no-local --depth 1 "file://$source_tree" "$root/opt/blip"

# The way out to the network is this machine's: names, proxies, certificates, pip's settings.
cp /etc/resolv.conf /etc/hosts "$root/etc/"
way_out=()
while IFS='=' read -r name value; do
  if [[ $value == /* && -f $value ]]; then
    install -D "$value" "$root/opt/way-out/$name"
    value=/opt/way-out/$name
  fi
  way_out+=("$name=$value")
done < <(env | grep -iE '^(https?_proxy|no_proxy|ssl_cert_file|pip_[a-z_]*)=' || true)

inside() {  # inside USER COMMAND...
  unshare --mount bash -c 'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$@"' \
    "$root" --userspec="$1" "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
    LC_ALL=C.UTF-8 "${way_out[@]}" "${@:2}"
}

echo "== tools/quickstart.sh without root: must say what is missing and end"
if inside nobody /opt/blip/tools/quickstart.sh 2>&1 | tee "$root.log" | sed 's/^/  /'; then
  echo "it did not fail" >&2
  exit 1
fi
grep -q 'sudo apt-get install .*libwebp-dev' "$root.log"
for command in "${commands[@]}"; do
  echo "== $command"
  SECONDS=0
  inside root "/opt/blip/$command"
  echo "== $command: ok, $SECONDS s"
done
