/**
 * The process of the attackers. Arguments: the name of the attack, the port, the connections. Says
 * "begun" once the first has sent all; answers SIGTERM with "refused N", the connections the server cut.
 */
import { connect } from "node:net";
import { preface, frameBytes, readFrames, types, word } from "../h2/frame.ts";
import { type Attack, attacks } from "./attacks.ts";

const [name, portText, connections] = process.argv.slice(2);
const attack = attackOf(name);
const windowSetting = Buffer.concat([Buffer.from([0, 4]), word(attack.windowBytes ?? 65_535)]);
const settings = { type: types.settings, id: 0 };
const opening = Buffer.concat([
  preface,
  frameBytes({ ...settings, flags: 0, payload: windowSetting }),
  frameBytes({ ...settings, flags: 1, payload: Buffer.alloc(0) }),
  attack.bytes(),
]);
const bytes = attack.cut === undefined ? opening : opening.subarray(0, attack.cut);
let refused = 0;
let begun = false;

function attackOf(wanted: string | undefined): Attack {
  const found = attacks.find((each) => each.name === wanted);
  if (found === undefined) throw new Error(`no attack "${wanted}"`);
  return found;
}

function storm({ reply, deaf, againMs }: Attack): void {
  const socket = connect(Number(portText), "127.0.0.1");
  let given = false;
  socket.on("error", () => undefined);
  socket.on("data", (chunk: Buffer) => {
    if (reply === undefined) return;
    for (const { type } of readFrames(chunk)) if (type === types.data) socket.write(reply);
  });
  if (deaf === true) socket.pause();
  socket.write(bytes, () => {
    if (!begun) console.log("begun");
    begun = true;
  });
  if (againMs !== undefined) {
    setTimeout(() => {
      given = true;
      socket.destroy();
    }, againMs);
  }
  socket.on("close", () => {
    if (!given) refused += 1;
    setImmediate(storm, attack);
  });
}

for (let at = 0; at < Number(connections); at += 1) storm(attack);
// Sockets that do not read keep no process alive.
setInterval(() => undefined, 60_000);
process.on("SIGTERM", () => {
  console.log(`refused ${refused}`);
  process.exit();
});
