// Two clients of MQTT.js, one of each version, tell each other something with each QoS; prints what both have received as one JSON line.
// node mqtt.mjs <url> <prefix of topics and client ids>
import mqtt from "mqtt";

const [url, prefix] = [process.argv[2], process.argv[3]];
const received = {};

async function join(name, protocolVersion) {
  const client = await mqtt.connectAsync(url, { clientId: `${prefix}-${name}`, protocolVersion, clean: true, reconnectPeriod: 0 });
  received[name] = [];
  client.on("message", (topic, payload, packet) => received[name].push(`${topic} ${payload} ${packet.qos}`));
  await client.subscribeAsync(`${prefix}/#`, { qos: 2 });
  return client;
}

const clients = { four: await join("four", 4), five: await join("five", 5) };
for (const [name, client] of Object.entries(clients)) {
  for (const qos of [0, 1, 2]) {
    await client.publishAsync(`${prefix}/${name}`, `m${qos}`, { qos });
  }
}

for (const deadline = Date.now() + 30000; Object.values(received).some((messages) => messages.length < 6);) {
  if (Date.now() > deadline) throw new Error(`not in time: ${JSON.stringify(received)}`);
  await new Promise((resolve) => setTimeout(resolve, 20));
}

await Promise.all(Object.values(clients).map((client) => client.endAsync()));
console.log(JSON.stringify(Object.fromEntries(Object.entries(received).map(([name, messages]) => [name, messages.sort()]))));
