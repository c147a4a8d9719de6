import fc from "fast-check";

const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}[a-z0-9]$/);
const memory = fc.constantFrom("512MiB", "1GiB", "1.5GiB", "4GiB");
const limit = fc.constantFrom("8MiB", "64MiB", "200MiB");

/** Settings of a machine, without an address: default addresses of few machines may still collide, which is an error. */
export const machineSettings = fc.record(
  {
    cpus: fc.integer({ min: 1, max: 8 }),
    memory,
    disk: fc.constantFrom("4GiB", "20GiB"),
    labels: fc.dictionary(fc.constantFrom("zone", "tier"), fc.constantFrom("a", "b")),
    docker: fc.record({ daemon: fc.constant({ debug: true }) }),
    readyTimeout: fc.constantFrom("90s", "1.5m", "1h"),
  },
  { requiredKeys: [] },
);

const serviceSettings = fc
  .record(
    {
      port: fc.integer({ min: 1, max: 60_000 }),
      replicas: fc.integer({ min: 1, max: 5 }),
      env: fc.dictionary(fc.constantFrom("A", "B"), fc.oneof(fc.string(), fc.integer(), fc.boolean())),
      cpus: fc.constantFrom(0.1, 0.5),
      memory: limit,
      stopGrace: fc.constantFrom("500ms", "1m"),
      command: fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
      restart: fc.constantFrom("no", "always"),
    },
    { requiredKeys: ["port"] },
  )
  .map((settings) => ({ image: "web", ...settings }));

/** Configurations; most are right, and some have two machines of one default address or too many replicas. */
export const configurations = fc.record({
  images: fc.constant({ debian: { manifest: "image.json" } }),
  containerImages: fc.constant({ web: { context: "web" } }),
  machines: fc.dictionary(label, machineSettings, { minKeys: 1, maxKeys: 6 }),
  services: fc.dictionary(label, serviceSettings, { minKeys: 1, maxKeys: 4 }),
});
