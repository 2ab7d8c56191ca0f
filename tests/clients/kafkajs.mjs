// Produces to and consumes from a topic with kafkajs; prints one JSON line.
// node kafkajs.mjs <bootstrap servers> <topic> <messages>
import { CompressionTypes, Kafka, logLevel } from "kafkajs";

const [servers, topic, count] = [process.argv[2], process.argv[3], Number(process.argv[4])];
const kafka = new Kafka({ clientId: "kafkajs", brokers: servers.split(","), logLevel: logLevel.ERROR });

const admin = kafka.admin();
await admin.connect();
await admin.createTopics({ topics: [{ topic, numPartitions: 4, configEntries: [{ name: "retention.ms", value: "123456" }] }] });
await admin.alterConfigs({ resources: [{ type: 2, name: topic, configEntries: [{ name: "retention.ms", value: "654321" }] }] });
const described = await admin.describeConfigs({ resources: [{ type: 2, name: topic, configNames: ["retention.ms"] }] });

const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
await producer.connect();
for (const compression of [CompressionTypes.None, CompressionTypes.GZIP]) {
  const messages = Array.from({ length: count / 2 }, (_, i) => ({ key: `${compression}-${i}`, value: `v${i}`, headers: { h: `${i}` } }));
  await producer.send({ topic, compression, messages });
}
await producer.disconnect();

// Two members of one group share the partitions; the second comes when the first already reads.
const seen = new Set();
const assignments = new Map();
const consumers = [];
async function join(name) {
  const consumer = kafka.consumer({ groupId: topic, sessionTimeout: 6000, heartbeatInterval: 200 });
  consumers.push(consumer);
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => assignments.set(name, payload.memberAssignment[topic] ?? []));
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({ eachMessage: async ({ message }) => { seen.add(`${message.key}=${message.value}/${message.headers.h}`); } });
}

async function until(condition, what) {
  for (const deadline = Date.now() + 30000; !condition();) {
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

await join("first");
await until(() => seen.size === count, "all messages");
await join("second");
await until(() => assignments.get("first")?.length === 2 && assignments.get("second")?.length === 2, "two partitions each");
const { groups } = await admin.describeGroups([topic]);
await Promise.all(consumers.map((consumer) => consumer.disconnect()));
const offsets = await admin.fetchOffsets({ groupId: topic, topics: [topic] });
const listed = (await admin.listGroups()).groups.some((group) => group.groupId === topic);
await admin.deleteGroups([topic]);
await admin.deleteTopics({ topics: [topic] });
await admin.disconnect();

console.log(JSON.stringify({
  retention: described.resources[0].configEntries[0].configValue,
  seen: seen.size,
  state: groups[0].state,
  members: groups[0].members.length,
  committed: offsets[0].partitions.reduce((sum, p) => sum + Math.max(0, Number(p.offset)), 0),
  listed,
}));
process.exit(0);
