/** What the surroundings of the program say; the configuration wins over it. */
export interface TopologyEnvironment {
  /** The Pulumi stack's name. */
  readonly stack: string;
  /** libvirt URI of the default hypervisor (`BERTH_LIBVIRT_URI`). */
  readonly libvirtUri?: string | undefined;
  /** Docker host of the default hypervisor (`BERTH_DOCKER_HOST`). */
  readonly dockerHost?: string | undefined;
  /** Folder for serial console logs (`BERTH_CONSOLE_LOGS`). */
  readonly consoleLogs?: string | undefined;
  /** Folder for saved machines (`BERTH_TEMPLATES`). */
  readonly templates?: string | undefined;
  /** Configuration keys (without `berth:`) that hold an encrypted value; only `secrets` may. */
  readonly secretKeys?: readonly string[] | undefined;
}
