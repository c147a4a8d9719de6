/** The account that Berth makes in every machine: key only, sudo, Docker. */
export const operator = "berth";

/** What the seeds of machines and of templates have in common. */
export function accountConfig(authorizedKeys: readonly string[]): Record<string, unknown> {
  return {
    // cloud-init makes groups that are missing: an image without Docker has none called docker.
    groups: ["docker"],
    users: [
      {
        name: operator,
        gecos: "Berth",
        shell: "/bin/bash",
        groups: ["sudo", "docker"],
        sudo: "ALL=(ALL) NOPASSWD:ALL",
        lock_passwd: true,
        ...(authorizedKeys.length > 0 && { ssh_authorized_keys: [...authorizedKeys] }),
      },
    ],
    ssh_pwauth: false,
    disable_root: true,
    // An image without locales has nothing to set, and cloud-init would end with an error.
    locale: false,
    growpart: { mode: "auto", devices: ["/"] },
    resize_rootfs: true,
  };
}
