/** A disposable hypervisor host on this machine: libvirtd and dockerd in namespaces of their own. */
export interface Lab {
  /** Short name, part of all of the lab's names: "3f2a9c01". */
  id: string;
  /** The network namespace, for `nsenter --net=…`: "/run/netns/berth-3f2a9c01". */
  netns: string;
  /** libvirt's connection URI; works in any network namespace, for root. */
  libvirtUri: string;
  /** Docker's address, a Unix socket; works in any network namespace, for root. */
  dockerHost: string;
  /** Folder which holds a guest's serial console as `<domain>.log`. */
  consoleLogs: string;
  /** What survives a reboot: domains, volumes, Docker's data. Removed by stopLab. */
  stateDir: string;
  /** Sockets, pid files and the daemons' own logs. Removed by stopLab. */
  runDir: string;
}
