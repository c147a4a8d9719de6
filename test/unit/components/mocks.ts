import * as pulumi from "@pulumi/pulumi";

/** A resource as the program asked for it. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, any>;
  /** The provider's name; empty for the default one. */
  readonly provider: string;
}

/** A stand-in for the engine: remembers what is registered, and answers each resource with its inputs and what `outputs` adds. */
export class Engine {
  readonly resources: Registered[] = [];

  static async start(
    outputs: Readonly<Record<string, Record<string, any>>> = {},
    preview = false,
  ): Promise<Engine> {
    const engine = new Engine();
    await pulumi.runtime.setMocks(
      {
        newResource: ({ type, name, inputs, provider, id }) => {
          engine.resources.push({ type, name, inputs, provider: (provider ?? "").split("::").at(-2) ?? "" });
          // Volumes are known by their path.
          const made = type.startsWith("libvirt:") ? `/pool/${name}-id` : `${name}-id`;
          return { id: id || made, state: { ...inputs, ...outputs[type] } };
        },
        call: ({ inputs }) => inputs,
      },
      "berth",
      "test",
      preview,
    );
    return engine;
  }

  /** Registered resources of a type, by name. */
  of(type: string): Record<string, Registered> {
    return Object.fromEntries(
      this.resources.filter((one) => one.type === type).map((one) => [one.name, one]),
    );
  }

  one(type: string, name: string): Registered {
    const found = this.of(type)[name];
    if (found === undefined) {
      const known = this.resources.map((one) => `${one.type} ${one.name}`).join("\n");
      throw new Error(`${type} ${name} was not registered; these were:\n${known}`);
    }
    return found;
  }
}

/** What the plugins answer, for tests of what the components make of it. */
export const answers = {
  "berth:index:SshKey": {
    publicKey: "ssh-ed25519 AAAA test",
    privateKey: pulumi.secret("private key"),
    fingerprint: "SHA256:test",
  },
  "berth:index:ImageFile": { file: "/images/disk.qcow2", size: 1 },
  "berth:index:Accelerator": { type: "qemu", reason: "test" },
  "berth:index:Domain": {
    uuid: "domain-uuid",
    power: "running",
    started: "fork",
    disk: "/pool/box.qcow2",
    pool: "local",
    volume: "box.qcow2",
  },
  "berth:index:SavedDomain": { path: "/templates/one", disk: "/pool/template.qcow2", fingerprint: "one" },
  "berth:index:Certificate": {
    caCertificate: "ca",
    certificate: "certificate",
    privateKey: "key",
    notAfter: "",
  },
  "berth:index:DockerEngine": { version: "20.10.24", machineId: "machine-id", engineId: "engine-id" },
  "docker:index/image:Image": { repoDigest: "127.0.0.1:5000/web@sha256:0123" },
  "docker:index/remoteImage:RemoteImage": { imageId: "sha256:0123", repoDigest: "web@sha256:0123" },
};

/** An output's value, once every registration that the program began has ended. */
export async function value<T>(output: pulumi.Output<T>): Promise<T> {
  const known = await new Promise<T>((resolve) => {
    pulumi.output(output).apply((result) => resolve(result as T));
  });
  await pulumi.runtime.disconnect();
  return known;
}

/** The types from the root of the stack down to a resource, and its name: who its parents are. */
export async function lineage(resource: pulumi.Resource): Promise<string> {
  return (await value(resource.urn)).split("::").slice(-2).join("::");
}
