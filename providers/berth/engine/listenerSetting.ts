/**
 * The kernel's setting by which a connection that waits at a program on a port goes to another one there when the first one ends,
 * instead of being reset. Two HAProxys are on one port while one takes the other's place.
 * Linux has it since 5.14, switched off (Documentation/networking/ip-sysctl.rst).
 */
export const listenerSetting = {
  name: "net.ipv4.tcp_migrate_req",
  file: "/proc/sys/net/ipv4/tcp_migrate_req",
} as const;
