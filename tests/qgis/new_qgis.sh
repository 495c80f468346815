#!/bin/sh
# Installs QGIS 3.40 (Debian trixie) into a folder, with programs that start it, for
# `make test-qgis-new`.  The worker runs in the file system of the host, mounted at /host.
# Needs root, debootstrap and unshare; the mounts end with the process that created them.
set -eu
root=$1
bin=$2

if [ ! -e "$root/installed" ]; then
  rm -rf "$root"
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' 'Label: Debian' |
    head -n 1)
  [ -n "$mirror" ] || { echo "apt knows no Debian mirror: add one to its sources" >&2; exit 1; }
  # Ubuntu and older Debian releases may have no script for trixie.
  script=/usr/share/debootstrap/scripts/trixie
  [ -e "$script" ] || script=/usr/share/debootstrap/scripts/sid
  debootstrap --variant=minbase trixie "$root" "$mirror" "$script"
  inside() { chroot "$root" env DEBIAN_FRONTEND=noninteractive "$@"; }
  inside apt-get update -qq
  # Without a terminal log, because there is no /dev/pts.
  inside apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 \
    -o Dir::Log::Terminal= qgis python3-qgis python3-venv >/dev/null
  mkdir -p "$root/host"
  printf '#!/bin/sh\nexec chroot /host "$MTRS_GEO_HOST_PYTHON" "$@"\n' > "$root/usr/local/bin/worker"
  chmod +x "$root/usr/local/bin/worker"
  touch "$root/installed"
fi

mkdir -p "$bin" "$root$PWD"
for program in qgis qgis_process python3; do
  cat > "$bin/$program" <<END
#!/bin/sh
export PATH="\$PATH:/usr/sbin:/sbin"
export MTRS_GEO_HOST_PYTHON="\$MTRS_GEO_PYTHON" MTRS_GEO_PYTHON=/usr/local/bin/worker
exec unshare -m sh -c '
  mount --rbind / "$root/host" && mount --bind "$PWD" "$root$PWD" &&
    mount --bind /tmp "$root/tmp" && mount --rbind /dev "$root/dev" &&
    mount -t proc proc "$root/proc"
  exec chroot "$root" /usr/bin/$program "\$@"' sh "\$@"
END
  chmod +x "$bin/$program"
done
