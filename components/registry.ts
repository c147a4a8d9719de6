import { Certificate } from "@berth/sdk";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Hypervisor } from "./hypervisor.js";
import { type Transform, transformed } from "./transform.js";

export interface RegistryArgs {
  /** Runs on this hypervisor's Docker engine. Changing it: replace. */
  hypervisor: Hypervisor;
  /** Image of the registry, `docker-registry` with TLS from /certs. Changing it: replaces the container; the stored images stay. */
  image: pulumi.Input<string>;
  /** Port on the hypervisor's loopback and on its address in the machines' network. Default 5000. Changing it: replace. */
  port?: number;
  transform?: { container?: Transform<docker.ContainerArgs> };
}

/**
 * A container registry on a hypervisor, over TLS with a certificate authority of its own. It listens on the hypervisor's
 * loopback, where images are pushed, and on the machines' network, where they are pulled; nowhere else.
 */
export class Registry extends pulumi.ComponentResource {
  /** `host:port` to push to, from the hypervisor's own engine. */
  readonly pushServer: string;
  /** `host:port` to pull from, for the machines. */
  readonly pullServer: string;
  /** PEM, for those who pull. */
  readonly caCertificate: pulumi.Output<string>;
  readonly nodes: {
    readonly container: docker.Container;
    readonly certificate: Certificate;
    readonly storage: docker.Volume;
  };

  constructor(name: string, args: RegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("berth:index:Registry", name, {}, opts);
    const port = args.port ?? 5000;
    const { hypervisor } = args;
    const child = { parent: this, provider: hypervisor.docker };
    const certificate = new Certificate(
      name,
      { commonName: `${name} registry`, ipAddresses: [hypervisor.address, "127.0.0.1"] },
      { parent: this },
    );
    const storage = new docker.Volume(name, {}, child);
    const container = new docker.Container(
      ...transformed(
        args.transform?.container,
        name,
        {
          image: args.image,
          ports: ["127.0.0.1", hypervisor.address].map((ip) => ({ internal: 5000, external: port, ip })),
          volumes: [{ volumeName: storage.name, containerPath: "/var/lib/registry" }],
          uploads: [
            // Only this container sees them, and its user is not root.
            { file: "/certs/tls.crt", content: certificate.certificate, permissions: "0444" },
            { file: "/certs/tls.key", content: certificate.privateKey, permissions: "0444" },
          ],
          restart: "unless-stopped",
          securityOpts: ["no-new-privileges:true"],
          // Its health check answers when it can be pushed to.
          wait: true,
          waitTimeout: 60,
        } as docker.ContainerArgs,
        { ...child, dependsOn: [hypervisor.nodes.network], deleteBeforeReplace: true },
      ),
    );
    this.pushServer = `127.0.0.1:${port}`;
    this.pullServer = `${hypervisor.address}:${port}`;
    this.caCertificate = certificate.caCertificate;
    this.nodes = { container, certificate, storage };
    this.registerOutputs({ pullServer: this.pullServer, caCertificate: this.caCertificate });
  }
}
