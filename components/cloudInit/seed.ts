/** What a machine's NoCloud seed says. Plain strings: the component that calls keeps secrets secret. */
export interface SeedArgs {
  /** Host name, a DNS label; the libvirt domain's name is not needed here. */
  readonly hostname: string;
  /** Public keys in OpenSSH's form that may log in as `berth`. */
  readonly authorizedKeys: readonly string[];
  /** The machine's own SSH host key (ed25519), OpenSSH's PEM form and one-line form. */
  readonly hostKey: { readonly privateKey: string; readonly publicKey: string };
  /** More cloud-config. */
  readonly cloudConfig?: Readonly<Record<string, unknown>>;
}

/** The one network interface of a machine. */
export interface SeedNetwork {
  readonly macAddress: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly gateway: string;
  /** With prefix length. */
  readonly address6?: string;
  readonly gateway6?: string;
  readonly nameservers: readonly string[];
}
