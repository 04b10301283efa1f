// A whole county system in JavaScript: it acknowledges what it is assigned, and prints every event.
// npm install @nats-io/transport-node
// node examples/county.mjs var/bundles/14.10.02 zhang
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { connect, credsAuthenticator } from "@nats-io/transport-node";

const [bundle, person] = process.argv.slice(2);
const { node, servers, credentials } = JSON.parse(readFileSync(`${bundle}/node.json`));
const authenticator = credsAuthenticator(() => readFileSync(`${bundle}/${credentials}`)); // read at each connection
const patient = { maxReconnectAttempts: -1, waitOnFirstConnect: true, ignoreAuthErrorAbort: true };
const nc = await connect({ servers, authenticator, ...patient });
const next = `up.API.CONSUMER.MSG.NEXT.EVENTS.node-${node.replaceAll(".", "-")}`;
const read = (message) => { try { return message.json() ?? {}; } catch { return {}; } }; // unreadable: passed over
const handled = new Map();
while (true) try {
  const message = await nc.request(next, '{"batch":1,"expires":3000000000}', { timeout: 4000, noMux: true });
  if (message.headers?.code) continue; // nothing came
  const event = read(message), isNew = event.version > (handled.get(event.aggregate) ?? 0); // else it came again
  const { assignment_id, unit } = event.assignment ?? {};
  if (isNew) console.log(event.aggregate, event.version, message.subject);
  if (isNew && message.subject.includes(".assignment.issued.")) {
    const command = { id: event.id, actor: { person, unit, roles: ["unit_clerk"] }, assignment_id };
    const taken = await nc.request(`duban.cmd.v1.acknowledge.${node}`, JSON.stringify(command), { timeout: 5000 });
    if (taken.json().error) throw new Error(taken.string());
  }
  if (isNew) handled.set(event.aggregate, event.version);
  message.respond("+ACK"); // only now the next one comes
} catch (error) {
  console.error("waiting:", error.message);
  await setTimeout(1000);
}
