/** What a look at a machine found. */
export interface MachineFacts {
  readonly user: string;
  readonly groups: readonly string[];
  /** `ID` and `ID_LIKE` of /etc/os-release. */
  readonly osIds: readonly string[];
  /** `PRETTY_NAME` of /etc/os-release. */
  readonly osName: string;
  readonly machineId: string;
  /** cloud-init: not there, switched off, at work, or through. */
  readonly boot: "absent" | "disabled" | "running" | "finished";
  /** The stage that cloud-init is in. */
  readonly bootStage: string | undefined;
  /** What cloud-init says went wrong. */
  readonly bootErrors: readonly string[];
  readonly hasSystemd: boolean;
  readonly hasDocker: boolean;
  /** systemd's words for docker.service: `enabled`, `disabled`, `masked`, … and `active`, `activating`, `failed`, … */
  readonly unitFile: string;
  readonly unitActive: string;
  /** Of Docker's services that are there, the weight of each for processors, in systemd's words: `10`, `[not set]`, …. */
  readonly weights: Readonly<Record<string, string>>;
  /** See {@link listenerSetting}; `undefined` where the kernel knows none. */
  readonly handsOver: boolean | undefined;
  /** AppArmor is on in the kernel, and the tool that Docker loads profiles with is missing. */
  readonly lacksApparmorParser: boolean;
  /** Text of daemon.json. */
  readonly daemon: string | undefined;
  readonly certificates: readonly InstalledCertificate[];
}

export interface InstalledCertificate {
  /** `host:port` */
  readonly registry: string;
  readonly pem: string;
  /** Put there by this plugin. */
  readonly ours: boolean;
}

/** Reads what `lookScript` wrote. */
export function machineFacts(output: string): MachineFacts {
  const values = new Map<string, string>();
  for (const line of output.split("\n")) {
    const space = line.indexOf(" ");
    if (space < 1) continue;
    const value = line.slice(space + 1).trim();
    if (value === "-") continue;
    const isText = value.startsWith("=");
    values.set(line.slice(0, space), isText ? Buffer.from(value.slice(1), "base64").toString("utf8") : value);
  }
  if (!values.has("end")) throw new Error("the look at the machine ended early");
  const get = (key: string): string => values.get(key) ?? "";
  const os = osRelease(get("os"));
  const result = json(get("bootResult"));
  const status = json(get("bootStatus"));
  return {
    user: get("user"),
    groups: get("groups").split(","),
    osIds: [os["ID"] ?? "", ...(os["ID_LIKE"] ?? "").split(" ")].filter((id) => id !== ""),
    osName: os["PRETTY_NAME"] ?? os["ID"] ?? "an unknown system",
    machineId: get("machineId").trim(),
    boot: get("boot") as MachineFacts["boot"],
    bootStage: typeof status?.["v1"]?.stage === "string" ? status["v1"].stage : undefined,
    bootErrors: Array.isArray(result?.["v1"]?.errors) ? result["v1"].errors.map(String) : [],
    hasSystemd: values.has("unit.LoadState"),
    hasDocker: values.has("dockerd"),
    unitFile: get("unit.UnitFileState"),
    unitActive: get("unit.ActiveState"),
    weights: Object.fromEntries(
      [
        ["docker.service", "unit"],
        ["containerd.service", "containerd"],
      ]
        .filter(([, key]) => get(`${key}.LoadState`) === "loaded")
        .map(([unit, key]) => [unit, get(`${key}.CPUWeight`)]),
    ),
    handsOver: values.has("handsOver") ? get("handsOver") === "1" : undefined,
    lacksApparmorParser: get("apparmor") === "Y -",
    daemon: values.get("daemon"),
    certificates: [...values].flatMap(([key, pem]) => {
      const [, owner, registry] = /^certificate\.(ours|theirs)\.(.+)$/.exec(key) ?? [];
      return owner && registry ? [{ registry, pem, ours: owner === "ours" }] : [];
    }),
  };
}

function osRelease(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/^([A-Z_]+)=(?:"([^"\n]*)"|'([^'\n]*)'|(.*))$/gm)];
  return Object.fromEntries(
    pairs.map(([, key, double, single, bare]) => [key, double ?? single ?? bare ?? ""]),
  );
}

function json(text: string): Record<string, any> | undefined {
  if (text === "") return undefined;
  try {
    return JSON.parse(text) as Record<string, any>;
  } catch {
    // Read while cloud-init was writing it.
    return undefined;
  }
}
