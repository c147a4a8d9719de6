import { describe, expect, it } from "vitest";
import { createBody, updateBody } from "../../../providers/docker/container/createBody.js";
import type { ContainerInputs } from "../../../providers/docker/container/types.js";

const bodyOf = (inputs: Partial<ContainerInputs>) => createBody({ image: "web", ...inputs }, "urn:x");

describe("createBody", () => {
  it("asks for nothing that was not asked for", () => {
    expect(bodyOf({})).toEqual({ Image: "web", HostConfig: {}, Labels: { "pulumi.urn": "urn:x" } });
  });

  const mib = 1024 ** 2;
  it.each<[string, Partial<ContainerInputs>, object]>([
    ["memory in binary megabytes", { memory: 32 }, { Memory: 32 * mib }],
    ["unlimited swap", { memorySwap: -1 }, { MemorySwap: -1 }],
    ["cpus in billionths", { cpus: "1.5" }, { NanoCpus: 1_500_000_000 }],
    ["cpus before quota and period", { cpus: "1", cpuQuota: 5, cpuPeriod: 10 }, { NanoCpus: 1e9 }],
    [
      "a retry count with its policy",
      { restart: "on-failure", maxRetryCount: 2 },
      { RestartPolicy: { Name: "on-failure", MaximumRetryCount: 2 } },
    ],
    [
      "ports on every address, on any port, and of other protocols",
      {
        ports: [
          { internal: 80, external: 8080 },
          { internal: 80, ip: "127.0.0.1" },
          { internal: 53, protocol: "udp" },
        ],
      },
      {
        PortBindings: {
          "80/tcp": [
            { HostIp: "0.0.0.0", HostPort: "8080" },
            { HostIp: "127.0.0.1", HostPort: "" },
          ],
          "53/udp": [{ HostIp: "0.0.0.0", HostPort: "" }],
        },
      },
    ],
    [
      "volumes of every kind",
      {
        volumes: [
          { hostPath: "/a", containerPath: "/b", readOnly: true, selinuxRelabel: "z" },
          { volumeName: "data", containerPath: "/c" },
          { fromContainer: "other", readOnly: true },
        ],
      },
      { Binds: ["/a:/b:ro,z", "data:/c:rw"], VolumesFrom: ["other:ro"] },
    ],
    ["a privileged container", { privileged: true, runtime: "runc" }, { Privileged: true, Runtime: "runc" }],
    [
      "all GPUs beside other devices",
      { gpus: "all", deviceRequests: [{ driver: "cdi", deviceIds: ["vendor.com/x=1"] }] },
      {
        DeviceRequests: expect.arrayContaining([
          { Driver: "", Capabilities: [["gpu"]], Options: {}, Count: -1 },
          { Driver: "cdi", Count: 0, DeviceIDs: ["vendor.com/x=1"], Capabilities: [], Options: {} },
        ]),
      },
    ],
    [
      "some GPUs",
      { gpus: "device=0,2" },
      { DeviceRequests: [{ Driver: "", Capabilities: [["gpu"]], Options: {}, DeviceIDs: ["0", "2"] }] },
    ],
    [
      "throttled devices",
      { deviceReadBps: [{ path: "/dev/sda", rate: 5 }] },
      { BlkioDeviceReadBps: [{ Path: "/dev/sda", Rate: 5 }] },
    ],
    [
      "log options without a driver",
      { logOpts: { tag: "x" } },
      { LogConfig: { Type: "json-file", Config: { tag: "x" } } },
    ],
    [
      "a mount with all its options",
      {
        mounts: [
          {
            type: "bind",
            source: "/a",
            target: "/b",
            readOnly: true,
            bindOptions: { propagation: "rslave" },
          },
          {
            type: "volume",
            source: "v",
            target: "/v",
            volumeOptions: {
              driverName: "nfs",
              driverOptions: { o: "x" },
              labels: [{ label: "l", value: "1" }],
              subpath: "s",
            },
          },
        ],
      },
      {
        Mounts: [
          {
            Type: "bind",
            Source: "/a",
            Target: "/b",
            ReadOnly: true,
            BindOptions: { Propagation: "rslave" },
          },
          {
            Type: "volume",
            Source: "v",
            Target: "/v",
            VolumeOptions: {
              Labels: { l: "1" },
              Subpath: "s",
              DriverConfig: { Name: "nfs", Options: { o: "x" } },
            },
          },
        ],
      },
    ],
  ])("maps %s", (_, inputs, host) => {
    expect(bodyOf(inputs).HostConfig).toEqual(host);
  });

  it("joins the first network at creation, in place of the default one", () => {
    const networksAdvanced = [
      {
        name: "front",
        aliases: ["web"],
        ipv4Address: "10.0.0.2",
        driverOpts: ["a=b=c"],
        macAddress: "02:00:00:00:00:01",
      },
      { name: "back" },
    ];
    const body = bodyOf({ networksAdvanced });
    expect(body.HostConfig.NetworkMode).toBe("front");
    expect(body.NetworkingConfig).toEqual({
      EndpointsConfig: {
        front: {
          IPAMConfig: { IPv4Address: "10.0.0.2" },
          Aliases: ["web"],
          DriverOpts: { a: "b=c" },
          MacAddress: "02:00:00:00:00:01",
        },
      },
    });
    expect(bodyOf({ networksAdvanced, networkMode: "bridge" }).HostConfig.NetworkMode).toBe("bridge");
  });

  it("maps health checks with durations in nanoseconds", () => {
    const healthcheck = {
      tests: ["CMD", "true"],
      interval: "1m30s",
      timeout: "500ms",
      startPeriod: "2s",
      retries: 3,
    };
    expect(bodyOf({ healthcheck }).Healthcheck).toEqual({
      Test: ["CMD", "true"],
      Interval: 90e9,
      Timeout: 5e8,
      StartPeriod: 2e9,
      Retries: 3,
    });
  });

  it("never lets a program's label hide whose container it is", () => {
    const labels = [
      { label: "pulumi.urn", value: "other" },
      { label: "a", value: "1" },
    ];
    expect(bodyOf({ labels }).Labels).toEqual({ "pulumi.urn": "urn:x", a: "1" });
  });
});

describe("updateBody", () => {
  it("holds limits and policy, and lets the swap grow with the memory", () => {
    expect(updateBody({ image: "web", memory: 32, cpus: "0.5", hostname: "h" })).toEqual({
      Memory: 33554432,
      MemorySwap: 67108864,
      NanoCpus: 5e8,
      RestartPolicy: { Name: "no", MaximumRetryCount: 0 },
    });
  });

  it("leaves the policy of a container that removes itself alone", () => {
    expect(updateBody({ image: "web", rm: true })).toEqual({});
  });
});
