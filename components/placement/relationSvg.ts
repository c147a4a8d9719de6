import type { Capacity } from "./capacity.js";
import { shortSize } from "./capacityText.js";
import type { Relation } from "./relation.js";

const row = 74;
const boxHeight = 62;
const boxWidth = 190;
const serviceHeight = 26;
const gap = 220;
const margin = 20;
const barWidth = 54;

/** The graph as an SVG picture: services on the left, machines with their room on the right, a line for every relation. */
export function relationSvg({ machines, services, matrix, capacity }: Relation): string {
  const width = 2 * margin + 2 * boxWidth + gap;
  const right = margin + boxWidth + gap;
  const bottom = margin + row * Math.max(machines.length, 1);
  const machineMiddle = (index: number) => margin + row * index + row / 2;
  // Services share the height that the machines take, or need more.
  const step = Math.max(serviceHeight + 8, (bottom - margin) / Math.max(services.length, 1));
  const serviceMiddle = (index: number) => margin + step * index + step / 2;
  const end = Math.max(bottom, margin + step * services.length);
  const totals = [...(capacity.zones.length > 1 ? capacity.zones : []), capacity.all];
  const height = end + 18 * totals.length + margin;
  const rooms = [...capacity.machines, ...(capacity.hypervisors?.each ?? [])];
  const lines = matrix.flatMap((counts, service) =>
    counts.flatMap((count, machine) => {
      if (count === 0) return [];
      const [from, to] = [serviceMiddle(service), machineMiddle(machine)];
      const path = `M${margin + boxWidth} ${from} C${margin + boxWidth + gap / 2} ${from} ${right - gap / 2} ${to} ${right} ${to}`;
      const title = `${services[service]} on ${machines[machine]}: ${count}`;
      return [
        `<path d="${path}" stroke-width="${Math.min(6, count)}"><title>${escaped(title)}</title></path>`,
      ];
    }),
  );
  const serviceBox = (name: string, index: number) =>
    `<g class="service"><rect x="${margin}" y="${serviceMiddle(index) - serviceHeight / 2}" width="${boxWidth}" height="${serviceHeight}" rx="4"/><text x="${margin + boxWidth / 2}" y="${serviceMiddle(index) + 4}">${escaped(name)}</text></g>`;
  const machineBox = (name: string, index: number) => {
    const top = machineMiddle(index) - boxHeight / 2;
    return [
      `<g class="machine"><rect x="${right}" y="${top}" width="${boxWidth}" height="${boxHeight}" rx="4"/>`,
      `<text x="${right + boxWidth / 2}" y="${top + 16}">${escaped(name)}</text>`,
      ...bars(rooms.find((one) => one.name === name)!, right + 8, top + 24),
      "</g>",
    ].join("");
  };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="Services, the machines that run them, and the machines' room">`,
    "<style>text{font:12px sans-serif;text-anchor:middle;fill:#1b1f24}.small{font-size:9px;text-anchor:start}.total{text-anchor:start}rect{stroke:#57606a}.service rect{fill:#ddf4ff}.machine rect{fill:#dafbe1}.machine .whole{fill:#fff}.machine .used{fill:#2da44e;stroke:none}path{fill:none;stroke:#57606a}</style>",
    `<rect width="${width}" height="${height}" style="fill:#fff;stroke:none"/>`,
    ...lines,
    ...services.map(serviceBox),
    ...machines.map(machineBox),
    ...totals.map(
      (one, index) =>
        `<text class="total" x="${margin}" y="${end + 18 * (index + 1)}">${escaped(inWords(one, one === capacity.all))}</text>`,
    ),
    "</svg>",
    "",
  ].join("\n");
}

/** For each resource, what is used of it. */
function bars({ used, total }: Capacity, x: number, y: number): string[] {
  const parts = [
    ["CPUs", used.cpus, total.cpus, String(used.cpus), String(total.cpus)],
    [
      "memory",
      used.memoryBytes,
      total.memoryBytes,
      shortSize(used.memoryBytes),
      shortSize(total.memoryBytes),
    ],
    ["disk", used.diskBytes, total.diskBytes, shortSize(used.diskBytes), shortSize(total.diskBytes)],
  ] as const;
  return parts.map(([name, amount, whole, usedText, totalText], index) => {
    const left = x + index * (barWidth + 6);
    const filled = whole === 0 ? 0 : Math.min(1, amount / whole) * barWidth;
    return [
      `<rect class="whole" x="${left}" y="${y}" width="${barWidth}" height="8"/>`,
      `<rect class="used" x="${left}" y="${y}" width="${filled.toFixed(1)}" height="8"/>`,
      `<text class="small" x="${left}" y="${y + 19}">${name}</text>`,
      `<text class="small" x="${left}" y="${y + 30}">${usedText} / ${totalText}</text>`,
    ].join("");
  });
}

function inWords({ name, used, free, total, replicas }: Capacity, whole: boolean): string {
  const parts = [
    `CPUs ${used.cpus} of ${total.cpus} used, ${free.cpus} free`,
    `memory ${shortSize(used.memoryBytes)} of ${shortSize(total.memoryBytes)}, ${shortSize(free.memoryBytes)} free`,
    `disk ${shortSize(used.diskBytes)} of ${shortSize(total.diskBytes)}, ${shortSize(free.diskBytes)} free`,
  ];
  return `${whole ? "in all" : `zone ${name}`}: ${parts.join("; ")}; ${replicas.length} replicas`;
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
