import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Hypervisor } from "./hypervisor.js";
import type { Registry } from "./registry.js";
import { type Transform, transformed } from "./transform.js";

export interface ContainerImageArgs {
  /** Builds on this hypervisor's Docker engine. Changing it: replace. */
  hypervisor: Hypervisor;
  /** Folder with the Dockerfile and what it copies. A changed content: built anew, and what runs it follows. */
  context: string;
  /** Path of the Dockerfile. Default: `Dockerfile` in `context`. Changing it: built anew. */
  dockerfile?: string;
  /** Build arguments. Default: none. Changing them: built anew. */
  args?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Stage to build. Default: the last. Changing it: built anew. */
  target?: string;
  /** Registries to push to, by name. Default: none, the image stays on the engine that built it. Adding one pushes there. */
  registries?: Readonly<Record<string, Registry>>;
  transform?: { image?: Transform<docker.ImageArgs> };
}

/** An image built from a Dockerfile, pushed to registries and referred to by digest. */
export class ContainerImage extends pulumi.ComponentResource {
  /** For containers on the engine that built it: the image's id. */
  readonly local: pulumi.Output<string>;
  /** For machines, by registry: `server/name@sha256:…`. */
  readonly references: Readonly<Record<string, pulumi.Output<string>>>;
  readonly nodes: {
    readonly local: docker.Image;
    readonly pushed: Readonly<Record<string, docker.Image>>;
  };

  constructor(name: string, args: ContainerImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("berth:index:ContainerImage", name, {}, opts);
    const child = { parent: this, provider: args.hypervisor.docker };
    const build = {
      context: args.context,
      dockerfile: args.dockerfile ?? `${args.context}/Dockerfile`,
      ...(args.args && { args: args.args }),
      ...(args.target !== undefined && { target: args.target }),
    };
    const image = (key: string, push: Partial<docker.ImageArgs>, opts: pulumi.CustomResourceOptions) =>
      new docker.Image(
        ...transformed(args.transform?.image, key, { build, ...push } as docker.ImageArgs, {
          ...child,
          ...opts,
        }),
      );
    const local = image(name, { imageName: `berth/${name}`, skipPush: true }, {});
    const pushed: Record<string, docker.Image> = {};
    const references: Record<string, pulumi.Output<string>> = {};
    for (const [key, registry] of Object.entries(args.registries ?? {})) {
      const { pushServer, pullServer } = registry;
      const result = image(
        `${name}-${key}`,
        { imageName: `${pushServer}/${name}`, registry: { server: pushServer } },
        // After the local build: its layers are in the engine's cache, so that this one only tags and pushes.
        { dependsOn: [local, registry.nodes.container] },
      );
      pushed[key] = result;
      references[key] = result.repoDigest.apply((digest) =>
        digest.replace(`${pushServer}/`, `${pullServer}/`),
      );
    }
    this.local = local.repoDigest;
    this.references = references;
    this.nodes = { local, pushed };
    this.registerOutputs({ local: this.local, references });
  }
}
