/** What a site consists of and where it answers; the program's one output. */
export interface Inventory {
  machines: {
    name: string;
    /** libvirt's name. */
    domain: string;
    hypervisor: string;
    address: string;
    accelerator: string;
    /** Docker Engine's version. */
    docker: string;
  }[];
  services: {
    name: string;
    replicas: { replica: string; machine: string; address: string; port: number; container: string }[];
  }[];
  loadBalancers: { name: string; url: string }[];
}
