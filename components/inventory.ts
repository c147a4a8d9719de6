/** What a site consists of and where it answers; the program's one output. */
export interface Inventory {
  machines: {
    name: string;
    /** libvirt's name. */
    domain: string;
    hypervisor: string;
    address: string;
    /** None: its hypervisor's network has no IPv6. */
    address6?: string;
    accelerator: string;
    /** How it started when it was made. */
    started: "fork" | "cold";
    power: "running" | "stopped" | "paused";
    /** Docker Engine's version; none: the machine does not run. */
    docker?: string;
  }[];
  services: {
    name: string;
    replicas: {
      replica: string;
      /** Where it runs; of a service that runs as machines, the hypervisor. */
      machine: string;
      address: string;
      port: number;
      /** Its container's id; none: it is a machine. */
      container?: string;
      /** Name of the machine that it is; none: it is a container. */
      guest?: string;
      /** Of a machine: it answers, and gets no requests yet. */
      warm?: boolean;
    }[];
  }[];
  loadBalancers: {
    name: string;
    url: string;
    /** PEM of the authorities of the certificates that Berth has issued for it; none: it has no such ones. */
    authorities?: string[];
  }[];
}
