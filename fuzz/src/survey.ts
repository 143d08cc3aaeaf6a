import { engine, nodeHttp2 } from "@kratosjs/h2";
import { makeCase } from "./h2/fuzz-case.ts";
import { Target } from "./h2/drive.ts";
import { differenceOf } from "./h2/differences.ts";
import { readFrames } from "./h2/frame.ts";
import { caseSeed } from "./random.ts";
process.on("uncaughtException", (e) => {
  console.log("UNCAUGHT", e);
});
const n = Number(process.argv[2]);
const seed = Number(process.argv[3] ?? 1);
const own = new Target(engine()),
  node = new Target(nodeHttp2());
await own.open();
await node.open();
const groups = new Map<string, { count: number; seeds: number[] }>();
const t = performance.now();
const kinds = new Map<string, number>();
for (let i = 0; i < n; i++) {
  const s = caseSeed(seed, i);
  const c = makeCase(s);
  const [a, b] = await Promise.all([own.drive(c), node.drive(c)]);
  kinds.set(a.connection, (kinds.get(a.connection) ?? 0) + 1);
  const d = differenceOf(a, b, readFrames(c.bytes.subarray(24)));
  if (d === undefined) continue;
  const key = d;
  const g = groups.get(key) ?? { count: 0, seeds: [] };
  g.count++;
  if (g.seeds.length < 6) g.seeds.push(s);
  groups.set(key, g);
}
console.log("per second", (n / (performance.now() - t)) * 1000, kinds);
for (const [k, g] of [...groups].sort((x, y) => y[1].count - x[1].count))
  console.log(g.count, k, g.seeds.join(" "));
process.exit();
