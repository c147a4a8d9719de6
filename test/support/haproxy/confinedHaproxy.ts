import type Docker from "dockerode";

export const configPath = "/etc/haproxy/haproxy.cfg";

/**
 * HAProxy in a container, confined as the load balancer's component does it, and started.
 *
 * @param image see {@link importHaproxyImage}
 * @param storage a volume for its configuration, or the folder alone for one that goes with the container
 */
export async function startConfinedHaproxy(
  docker: Docker,
  image: string,
  storage = "/etc/haproxy",
): Promise<Docker.Container> {
  const container = await docker.createContainer({
    Image: image,
    Entrypoint: ["/usr/sbin/haproxy", "-W", "-db", "-f", configPath],
    Env: ["PATH=/usr/sbin:/usr/bin:/bin"],
    StopSignal: "SIGUSR1",
    HostConfig: {
      NetworkMode: "host",
      Binds: [storage],
      ReadonlyRootfs: true,
      Tmpfs: { "/run/haproxy": "rw,noexec,nosuid,nodev,size=1m,mode=0700" },
      CapDrop: ["ALL"],
      CapAdd: ["NET_BIND_SERVICE", "SETGID", "SETUID", "SYS_CHROOT", "KILL"],
      SecurityOpt: ["no-new-privileges:true"],
    },
  });
  await container.start();
  return container;
}
