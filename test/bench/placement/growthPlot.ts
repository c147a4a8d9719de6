import type { Result } from "./results.js";

const [width, height, left, bottom, top, right] = [700, 420, 70, 50, 20, 160];
/** Between two labels, so that they can be read. */
const labelHeight = 14;
const colours = ["#0969da", "#1a7f37", "#bf3989", "#9a6700"];

/** Seconds over containers, both logarithmic, a line a family, thin where it balances; beside them what growth in proportion would look like. */
export function growthPlot(results: readonly Result[]): string {
  const seconds = results.map((one) => Math.max(one.seconds, 0.001));
  const x = scale([100, 10_000], [left, width - right]);
  const y = scale([Math.min(...seconds) / 2, Math.max(...seconds) * 2], [height - bottom, top]);
  const families = [...new Set(results.map(({ family }) => family))];
  const curves = families.flatMap((family, index) =>
    (["pack", "balance"] as const).flatMap((prefer) => {
      const points = results
        .filter((one) => one.family === family && one.prefer === prefer)
        .map((one) => [x(one.containers), y(Math.max(one.seconds, 0.001))] as const);
      if (points.length === 0) return [];
      return [
        {
          name: `${family}, ${prefer}`,
          thin: prefer === "balance",
          points,
          colour: colours[index % colours.length]!,
        },
      ];
    }),
  );
  const lines = curves.flatMap(({ points, colour, thin }) => [
    `<polyline points="${points.map((point) => point.map((value) => value.toFixed(1)).join()).join(" ")}" stroke="${colour}"${thin ? ' style="stroke-width:1"' : ""}/>`,
    ...points.map(
      ([cx, cy]) =>
        `<circle cx="${cx.toFixed(1)}" cy="${cy.toFixed(1)}" r="${thin ? 2 : 3}" fill="${colour}"/>`,
    ),
  ]);
  let lowest = -Infinity;
  const labels = [...curves]
    .sort((one, other) => one.points.at(-1)![1] - other.points.at(-1)![1])
    .map(({ name, points, colour }) => {
      lowest = Math.max(lowest + labelHeight, points.at(-1)![1] + 4);
      return `<text x="${width - right + 8}" y="${lowest.toFixed(1)}" fill="${colour}">${name}</text>`;
    });
  const first = Math.min(...results.filter((one) => one.containers === 1000).map((one) => one.seconds));
  const reference = [100, 10_000].map(
    (count) => `${x(count).toFixed(1)},${y((first * count) / 1000).toFixed(1)}`,
  );
  const ticks = [0.001, 0.01, 0.1, 1, 10].filter((value) => y(value) >= top && y(value) <= height - bottom);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="Time to place over the number of containers">`,
    "<style>text{font:12px sans-serif}polyline{fill:none;stroke-width:2}.axis{stroke:#57606a;fill:none}</style>",
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<path class="axis" d="M${left} ${top}V${height - bottom}H${width - right}"/>`,
    ...[100, 300, 1000, 3000, 10_000].map(
      (count) =>
        `<text x="${x(count).toFixed(1)}" y="${height - bottom + 18}" text-anchor="middle">${count}</text>`,
    ),
    ...ticks.map(
      (value) => `<text x="${left - 8}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${value} s</text>`,
    ),
    `<text x="${(left + width - right) / 2}" y="${height - 10}" text-anchor="middle">containers, ten a machine</text>`,
    `<polyline points="${reference.join(" ")}" stroke="#8c959f" stroke-dasharray="4 4"/>`,
    `<text x="${left + 8}" y="${top + 14}" fill="#57606a">dashed: in proportion</text>`,
    ...lines,
    ...labels,
    "</svg>",
    "",
  ].join("\n");
}

function scale(from: readonly [number, number], to: readonly [number, number]): (value: number) => number {
  const [low, high] = from.map(Math.log) as [number, number];
  return (value) => to[0] + ((Math.log(value) - low) / (high - low)) * (to[1] - to[0]);
}
