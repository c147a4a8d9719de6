/**
 * The Debian packages which a lab runs, with what makes its images. Of libvirt only the daemon and its QEMU
 * driver: libvirt-daemon-system would set up a service of the machine's own.
 */
export const labPackages: readonly string[] = [
  "dnsmasq-base",
  "docker.io",
  "e2fsprogs",
  "genisoimage",
  "iproute2",
  "iptables",
  "libvirt-clients",
  "libvirt-daemon",
  "libvirt-daemon-driver-qemu",
  "mmdebstrap",
  "openssh-client",
  "ovmf",
  "qemu-system-x86",
  "qemu-utils",
  "slirp4netns",
  "tini",
  "xsltproc",
];
