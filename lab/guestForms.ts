/** A form of the guest image. */
export interface GuestForm {
  /** The image's name, a folder of `<berthHome>/images`. */
  name: string;
  docker: boolean;
  /** Debian packages beyond the essential ones. */
  packages: readonly string[];
}

const common: readonly string[] = [
  "apparmor", // Without its parser Docker makes containers and can't start them.
  "busybox-static",
  "ca-certificates",
  "cloud-init",
  "dbus",
  "e2fsprogs",
  "iproute2",
  "iptables",
  "kmod",
  "linux-image-cloud-amd64",
  "openssh-server",
  "procps",
  "qemu-guest-agent",
  "sudo",
  "systemd-sysv",
  "udev",
];

/** The image with Docker in it is the default; on the other, DockerEngine installs Docker itself. */
export const guestForms: readonly GuestForm[] = [
  { name: "debian-12-docker", docker: true, packages: [...common, "docker.io"] },
  { name: "debian-12", docker: false, packages: common },
];
