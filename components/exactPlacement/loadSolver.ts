import * as highs from "highs";
import type { LinearSolver } from "../placement/index.js";

/** What is used of HiGHS; its own types are those of its CommonJS build, which differs in what it exports. */
interface Highs {
  solve(
    model: string,
    options: Readonly<Record<string, unknown>>,
  ): { readonly Status: string; readonly Columns: Readonly<Record<string, { readonly Primal?: number }>> };
}

/** HiGHS, compiled to WebAssembly. Its calls block until they are done. */
export async function loadSolver(): Promise<LinearSolver> {
  const load = highs.default as unknown as () => Promise<Highs>;
  const { solve } = await load();
  return {
    solve(model, seconds, presolve = true) {
      if (seconds <= 0) return undefined;
      const options = {
        output_flag: false,
        time_limit: seconds,
        mip_rel_gap: 0,
        mip_abs_gap: 1e-9,
        ...(!presolve && { presolve: "off" }),
      };
      const { Status, Columns } = solve(model, options);
      if (Status !== "Optimal") return undefined;
      return Object.fromEntries(Object.entries(Columns).map(([name, { Primal = 0 }]) => [name, Primal]));
    },
  };
}
