# The Debian 12 packages that the scripts need, and how they are installed. Sourced by
# tools/quickstart.sh, tools/test.sh and .ci/run.

# group | package | what it is for
PACKAGES='
build|g++|the C++20 compiler
build|cmake|the build system
build|ninja-build|what CMake drives
build|pkgconf|finds libutf8proc and libwebp
build|nlohmann-json3-dev|JSON
build|libutf8proc-dev|Unicode tables of the tokenizer
build|libstemmer-dev|word stems of the caption metrics
build|wordnet-base|synonyms of the caption metrics
build|libstb-dev|writing PNG pictures; JPEG in the minimal build
build|libjpeg62-turbo-dev|JPEG pictures
build|libwebp-dev|WebP pictures
build|libcli11-dev|the command line
test|libgtest-dev|GoogleTest
test|libgmock-dev|matchers of GoogleTest
test|python3|the tests written as scripts
test|python3-venv|a virtual environment with Pillow, to compare pictures with
check|libbenchmark-dev|the kernel benchmarks must compile
check|clang-14|the second compiler, and libFuzzer
check|libclang-rt-14-dev|run-time of the fuzz targets
check|clang-format-14|the format check
check|default-jre-headless|runs the COCO caption toolkit, to compare scores with
check|git|lists the files to check
'

# install_packages GROUP...: installs what is missing of these groups, after saying what and why.
# Without root, and without a sudo that asks nothing, prints the line to run and returns 1.
install_packages() {
  local group package why missing=()
  if ! command -v dpkg-query >/dev/null; then
    echo "No dpkg-query here: on systems other than Debian, install the packages of" \
         "tools/packages.sh yourself." >&2
    return 0
  fi
  while IFS='|' read -r group package why; do
    [[ -n $group && " $* " == *" $group "* ]] || continue
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] && continue
    ((${#missing[@]})) || echo "Missing packages:" >&2
    printf '  %-20s %s\n' "$package" "$why" >&2
    missing+=("$package")
  done <<<"$PACKAGES"
  ((${#missing[@]})) || return 0

  local as_root=()
  if ((EUID != 0)); then
    if ! sudo -n true 2>/dev/null; then
      printf 'To install them, run this and start again:\n  sudo apt-get update && sudo apt-get install --no-install-recommends %s\n' \
             "${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo -n)
  fi
  echo "Installing them with apt-get." >&2
  "${as_root[@]}" apt-get update -qq >/dev/null
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 "${missing[@]}" >/dev/null
}
