import type { Row } from "../boot.js";

const [width, rowHeight, left, top] = [640, 26, 150, 40];

/** A bar for each measurement, as SVG. */
export function bootChart(rows: readonly Row[]): string {
  const longest = Math.max(...rows.map(({ seconds }) => seconds));
  const scale = (width - left - 80) / longest;
  const bars = rows.map(({ machines, way, seconds }, index) => {
    const y = top + index * rowHeight;
    const label = `${machines} machine${machines === 1 ? "" : "s"}, ${way === "cold" ? "cold boot" : "forked"}`;
    const length = Math.max(1, seconds * scale);
    return `  <text x="${left - 8}" y="${y + 15}" text-anchor="end">${label}</text>
  <rect x="${left}" y="${y}" width="${length.toFixed(1)}" height="20" rx="2" fill="${way === "cold" ? "#8aa4c0" : "#d9822b"}"/>
  <text x="${(left + length + 6).toFixed(1)}" y="${y + 15}">${seconds.toFixed(1)} s</text>`;
  });
  const height = top + rows.length * rowHeight + 10;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12" fill="#333">
  <title>Cold boots and forks: seconds until Docker answers in every machine</title>
  <rect width="100%" height="100%" fill="#fff"/>
  <text x="8" y="20" font-size="14">From nothing until Docker answers in every machine</text>
${bars.join("\n")}
</svg>
`;
}
