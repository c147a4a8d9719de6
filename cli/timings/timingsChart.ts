import { escapeXml } from "../../providers/virsh/xml.js";
import type { Timings } from "./timings.js";

const [width, left, rowHeight, top] = [760, 150, 26, 64];
const colours = ["#8aa4c0", "#d9822b", "#5a9367"] as const;

/** A bar for each machine and container, its parts one after another, as SVG. */
export function timingsChart({ machines, containers }: Timings): string {
  const bars = [
    ...machines.map(({ machine, os, init, run }) => ({ label: machine, parts: [os, init, run] })),
    ...containers.map(({ container, pack, load, run }) => ({ label: container, parts: [pack, load, run] })),
  ];
  const total = (parts: readonly (number | undefined)[]) =>
    parts.reduce<number>((sum, one) => sum + (one ?? 0), 0);
  const scale = (width - left - 90) / Math.max(1, ...bars.map(({ parts }) => total(parts)));
  const y = (index: number) => top + index * rowHeight + (index >= machines.length ? 44 : 0);
  const rows = bars.map(({ label, parts }, index) => {
    let x = left;
    const rectangles = parts.map((part, which) => {
      const length = (part ?? 0) * scale;
      const text = `<rect x="${x.toFixed(1)}" y="${y(index)}" width="${length.toFixed(1)}" height="20" fill="${colours[which]}"/>`;
      x += length;
      return part === undefined ? "" : text;
    });
    return `  <text x="${left - 8}" y="${y(index) + 15}" text-anchor="end">${escapeXml(label)}</text>
  ${rectangles.join("")}
  <text x="${(x + 6).toFixed(1)}" y="${y(index) + 15}">${(total(parts) / 1000).toFixed(1)} s</text>`;
  });
  const height = y(bars.length) + 10;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12" fill="#333">
  <title>How long each machine and each container took to be ready</title>
  <rect width="100%" height="100%" fill="#fff"/>
  <text x="8" y="20" font-size="14">How long each took to be ready, as last measured</text>
${legend(44, ["T_OS: booted", "T_init: Docker set up", "T_run: Docker answers"])}
${legend(top + machines.length * rowHeight + 24, ["T_pack: built", "T_load: pushed and pulled", "T_run: runs"])}
${rows.join("\n")}
</svg>
`;
}

function legend(y: number, names: readonly string[]): string {
  return names
    .map((name, index) => {
      const x = left + index * 200;
      return `  <rect x="${x}" y="${y - 10}" width="12" height="12" fill="${colours[index]}"/><text x="${x + 18}" y="${y}">${name}</text>`;
    })
    .join("\n");
}
