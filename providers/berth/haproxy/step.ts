/** A step of a change without a reload. Servers are named `backend/server`. */
export type Step =
  /** In maintenance, and left over from an update that broke off: out of the way. */
  | { readonly do: "clear"; readonly server: string }
  | {
      readonly do: "add";
      readonly server: string;
      readonly line: string;
      readonly checked: boolean;
      /** The backend makes its servers' cookies from their addresses, and this one's is yet to be made. */
      readonly cookie?: boolean;
      /** It has an agent, which is to be asked. */
      readonly agent?: boolean;
    }
  /** Back out of maintenance: it takes traffic again when its checks say so. */
  | { readonly do: "return"; readonly server: string; readonly checked: boolean }
  /** Back out of drain. */
  | { readonly do: "undrain"; readonly server: string }
  | { readonly do: "check"; readonly server: string }
  | { readonly do: "awaitUp"; readonly servers: readonly string[]; readonly limitMs: number }
  | { readonly do: "weigh"; readonly server: string; readonly weight: number }
  /** With `leaves`, it is removed after it: its agent has no say any more. */
  | { readonly do: "drain"; readonly server: string; readonly leaves?: boolean }
  | { readonly do: "awaitIdle"; readonly servers: readonly string[]; readonly limitMs: number }
  | { readonly do: "remove"; readonly server: string };

/** How a configuration comes into force. */
export type ChangePlan =
  | { readonly way: "steps"; readonly steps: readonly Step[] }
  | {
      readonly way: "reload";
      readonly reason: string;
      /** What can be in force before: the servers of the backends that stay otherwise. */
      readonly first?: { readonly config: string; readonly steps: readonly Step[] };
    };
